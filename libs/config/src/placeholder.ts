// Words of six letters or more: about one in ten million random base64 texts of 43 characters contains
// one.
const words =
  /change.?me|placeholder|password|example|replace|insecure|default|secret|letmein|qwerty|postgres|groundwork/i;

// The key in the test vectors of the Fernet specification.
const published = new Set(['cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=']);

/** Returns true for a secret shorter than 8 characters, and for typical placeholders. */
export function isPlaceholder(text: string): boolean {
  return published.has(text) || isGuessable(text) || (text.length >= 16 && isGuessable(decoded(text)));
}

/** Users who need 32 bytes in base64 sometimes encode `changemechangeme…`. */
function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

function isGuessable(text: string): boolean {
  return text.length < 8 || words.test(text) || isRepetition(text) || isRun(text);
}

/** Finds repetitions of up to 16 characters, such as `aaaa…` or `abcabc…`. */
function isRepetition(text: string): boolean {
  const periods = Array.from({ length: Math.min(16, text.length >> 1) }, (_, index) => index + 1);
  return periods.some((period) => text.startsWith(text.slice(period)));
}

/** Finds runs such as `abcdefgh` and `0123456789abcdef`: every step is the same, except for one jump. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  return new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0))).size <= 2;
}
