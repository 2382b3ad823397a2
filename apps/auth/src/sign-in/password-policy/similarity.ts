/** What an attacker knows or can guess. */
export interface KnownFacts {
  readonly email: string;
  readonly name: string;
  readonly serviceName: string;
}

const shortestWord = 4;
/** Shorter words are one or two letters away from too many others. */
const shortestMisspelt = 6;

/** Both sides are folded alike, so it does not matter whether a 1 stands for an i or an l. */
const lookalikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '!': 'i',
  '|': 'i',
  l: 'i',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '7': 't',
};

/**
 * Returns true if the password is derived from known facts (NIST SP 800-63B-3 section 5.1.1.2, "context-specific
 * words"), in any case, spelling (`l0ve1ace`) or direction: it is part of a word, consists of such words by half
 * or more, or is one or two letters off, apart from digits and signs around it.
 */
export function isSimilar(password: string, facts: KnownFacts): boolean {
  const folded = fold(password);
  if (folded.length < shortestWord) return false;
  const words = wordsOf(facts);
  return words.some((word) => word.includes(folded)) || isMadeOf(words, folded) || isMisspelt(words, password);
}

/**
 * The email address, its local part, its domain labels except the last, the names, their parts, and each
 * reversed. Longest first.
 */
function wordsOf({ email, name, serviceName }: KnownFacts): string[] {
  const at = email.lastIndexOf('@');
  const local = email.slice(0, at);
  const labels = email
    .slice(at + 1)
    .split('.')
    .slice(0, -1);
  const texts = [email, email.replace('@', ' '), local, ...labels, name, serviceName];
  const words = [...texts, ...partsOf(local), ...partsOf(name)]
    .map(fold)
    .filter(({ length }) => length >= shortestWord);
  return [...new Set([...words, ...words.map(backwards)])].sort((a, b) => b.length - a.length);
}

function partsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{M}\p{N}]+/u);
}

/** Lower case, with look-alikes merged and only letters, digits and symbols kept. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/./gu, (character) => lookalikes[character] ?? character)
    .replaceAll(/[^\p{L}\p{N}\p{So}]/gu, '');
}

function backwards(text: string): string {
  return [...text].reverse().join('');
}

function isMadeOf(words: readonly string[], folded: string): boolean {
  const rest = words.reduce((left, word) => left.replaceAll(word, ' '), folded).replaceAll(' ', '');
  return rest.length * 2 <= folded.length;
}

function isMisspelt(words: readonly string[], password: string): boolean {
  const core = fold(password.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, ''));
  if (core.length * 2 < fold(password).length) return false;
  return words.some((word) => {
    const most = word.length >= 8 ? 2 : 1;
    const mayBe = word.length >= shortestMisspelt && Math.abs(word.length - core.length) <= most;
    return mayBe && distance(core, word) <= most;
  });
}

/** The number of letters to insert, delete or replace (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [position, letter] of [...from].entries()) {
    const next = [position + 1];
    for (const [index, other] of [...to].entries()) {
      const replaced = (row[index] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
