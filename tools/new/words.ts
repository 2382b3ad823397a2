/** What a name is called in code, paths, tables, and prose. */
export interface Words {
  /** `usage-record` */
  readonly name: string;
  /** `usage-records` */
  readonly names: string;
  /** `usageRecord` */
  readonly camel: string;
  readonly camels: string;
  /** `UsageRecord` */
  readonly Name: string;
  readonly Names: string;
  /** `usage_records` */
  readonly table: string;
  /** `usage record` */
  readonly words: string;
  readonly wordss: string;
  /** The article: `a` or `an`. */
  readonly a: string;
}

/** @param name in kebab-case and singular */
export function wordsOf(name: string): Words {
  const names = plural(name);
  const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  return {
    name,
    names,
    camel: camelCase(name),
    camels: camelCase(names),
    Name: upper(camelCase(name)),
    Names: upper(camelCase(names)),
    table: names.replaceAll('-', '_'),
    words: name.replaceAll('-', ' '),
    wordss: names.replaceAll('-', ' '),
    a: /^[aeio]/.test(name) ? 'an' : 'a',
  };
}

function plural(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
