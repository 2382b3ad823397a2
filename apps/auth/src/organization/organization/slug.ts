const longestSlug = 40;

/** What an organization is called in addresses: small letters, digits and single hyphens. A name without any gives `organization`. */
export function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.join('-').slice(0, longestSlug).replace(/-$/, '') || 'organization';
}
