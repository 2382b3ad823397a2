// Six letters or more: of random base64 texts with 43 characters, one in some ten million holds such a word.
const words =
  /change.?me|placeholder|password|example|replace|insecure|default|secret|letmein|qwerty|postgres|groundwork/i;

// The key in the Fernet specification's test vectors.
const published = new Set(['cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=']);

/** Whether a secret is shorter than 8 characters, or one that people put in until they have a real one. */
export function isPlaceholder(text: string): boolean {
  return published.has(text) || isGuessable(text) || (text.length >= 16 && isGuessable(decoded(text)));
}

/** Somebody who needs 32 bytes in base64 may well have encoded `changemechangeme…`. */
function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

function isGuessable(text: string): boolean {
  return text.length < 8 || words.test(text) || isRepetition(text) || isRun(text);
}

/** `aaaa…`, `abcabc…`: up to 16 characters over and over. */
function isRepetition(text: string): boolean {
  const periods = Array.from({ length: Math.min(16, text.length >> 1) }, (_, index) => index + 1);
  return periods.some((period) => text.startsWith(text.slice(period)));
}

/** `abcdefgh`, `0123456789abcdef`: each character follows the one before, but for one jump. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  return new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0))).size <= 2;
}
