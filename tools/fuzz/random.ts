import { createHash } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { utf8 } from './request';
import { texts } from './values';

/** Returns the same number for the same seed and words on every machine. */
export function seedOf(seed: number, ...words: readonly string[]): number {
  const hash = createHash('sha256').update(JSON.stringify([seed, ...words]));
  return hash.digest().readInt32BE();
}

/** Returns `count` elements in random order, or all if there are fewer. */
export function choose<T>(all: readonly T[], count: number, seed: number): T[] {
  const length = Math.min(count, all.length);
  const chosen = fc.shuffledSubarray([...all], { minLength: length, maxLength: length });
  return fc.sample(chosen, { seed, numRuns: 1 }).flat();
}

/** A hostile text that is refused alone may pass after another text. */
const combined = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom(...texts.map((text) => text.slice(0, 100))))
  .map((parts) => parts.join(''));
const instants = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());

export function randomText(valid: string): Arbitrary<string> {
  const spoiled = fc
    .tuple(fc.nat(valid.length), fc.nat(3), fc.string({ unit: 'binary', maxLength: 3 }))
    .map(([at, removed, added]) => valid.slice(0, at) + added + valid.slice(at + removed));
  const unicode = fc.string({ unit: 'binary', maxLength: 200 });
  const mixedCase = fc.mixedCase(fc.constant(valid));
  return fc.oneof(unicode, combined, instants, fc.uuid(), fc.emailAddress(), fc.webUrl(), spoiled, mixedCase);
}

const number = fc.oneof(fc.double(), fc.integer(), fc.bigInt({ max: 10n ** 40n, min: -(10n ** 40n) }));
const surrogates = fc
  .array(fc.integer({ min: 0xd800, max: 0xdfff }), { minLength: 1, maxLength: 5 })
  .map((units) => JSON.stringify(String.fromCharCode(...units)));

/** Returns the JSON as bytes. */
export function randomJson(valid: unknown): Arbitrary<string> {
  const text = randomText(typeof valid === 'string' ? valid : '').map((each) => JSON.stringify(each));
  const structure = fc.json({ maxDepth: 4, stringUnit: 'binary' });
  return fc.oneof({ arbitrary: text, weight: 4 }, structure, number.map(String), surrogates).map(utf8);
}
