const longestSlug = 40;

/**
 * Returns the organization's name for URLs: lowercase letters, digits and single hyphens, or `organization` if
 * none are left.
 */
export function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.join('-').slice(0, longestSlug).replace(/-$/, '') || 'organization';
}
