/**
 * Returns the paths of up to `most` texts and member names with half a surrogate pair, which no encoding
 * can represent (RFC 7493 section 2.1). Hashes and stores replace it by U+FFFD, so that different texts
 * become equal.
 * @param value of limited depth
 */
export function illFormedTexts(value: unknown, most: number): string[][] {
  const found: string[][] = [];
  for (const path of search(value, [])) {
    found.push(path);
    if (found.length === most) break;
  }
  return found;
}

function* search(value: unknown, path: string[]): Generator<string[]> {
  if (typeof value === 'string' && !value.isWellFormed()) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, key];
    if (key.isWellFormed()) yield* search(member, at);
    else yield at;
  }
}
