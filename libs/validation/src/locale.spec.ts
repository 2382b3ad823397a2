import { negotiateLocale } from './locale';

describe('negotiateLocale', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['DE-at', 'de'],
    ['de-CH-1996, en;q=0.9', 'de'],
    ['en;q=0.8, de', 'de'],
    ['en;q=0.5,de;q=0.50', 'en'],
    ['fr, it;q=0.9, de;q=0.1', 'de'],
    ['de;q=0, en', 'en'],
    ['de;q=0', 'en'],
    ['*', 'en'],
    ['*, de;q=0.5', 'en'],
    ['fr;q=0.9, de;q=0.5, *;q=0.1', 'de'],
    ['de ; q=1.000 , en;q=0.999', 'de'],
    ['de;x=y;q=0.3, en;q=0.2', 'de'],
    // Hostile or broken: a language with an invalid quality is ignored.
    ['de;q=9', 'en'],
    ['de;q=-1', 'en'],
    ['de;q=', 'en'],
    ['de;q=1e3', 'en'],
    ['de;q=NaN', 'en'],
    ['de;q=0.5.5', 'en'],
    ['__proto__, constructor', 'en'],
    ['deutsch', 'en'],
    ['de\0', 'en'],
    [',;,;=,q=,--', 'en'],
    [`${','.repeat(100_000)}de`, 'en'],
    ['a'.repeat(100_000), 'en'],
    [`de;${'q='.repeat(100_000)}`, 'en'],
  ])('returns the locale of header %#: %s', (header, expected) => expect(negotiateLocale(header)).toBe(expected));
});
