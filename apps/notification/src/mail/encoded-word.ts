const longestWord = 45;

/**
 * Encodes text that contains an encoded word (RFC 2047), so that email clients show it as typed.
 * The mail library encodes all other text that isn't ASCII.
 */
export function literalHeader(text: string): string {
  if (!text.includes('=?')) return text;
  return chunks(text)
    .map((chunk) => `=?UTF-8?B?${Buffer.from(chunk).toString('base64')}?=`)
    .join(' ');
}

/** Whole characters, at most 45 bytes: an encoded word has at most 75 characters (RFC 2047 section 2). */
function chunks(text: string): string[] {
  const parts = [''];
  for (const character of text) {
    const longer = `${parts.at(-1) ?? ''}${character}`;
    if (Buffer.byteLength(longer) > longestWord) parts.push(character);
    else parts[parts.length - 1] = longer;
  }
  return parts;
}
