import { hasInvisible } from './invisible';

const [zwnj, zwj] = ['\u200c', '\u200d'];

describe('joiners and variation selectors that belong to the text', () => {
  it.each([
    ['Bengali, before a virama (ya-phalaa)', `\u09b0${zwj}\u09cd\u09af\u09be\u099a\u09c7\u09b2`],
    ['Bengali, after a virama', `\u0995\u09cd${zwj}\u09b7`],
    ['Devanagari, a half form', `\u0915\u094d${zwj}\u0937`],
    ['Devanagari, a visible virama', `\u0915\u094d${zwnj}\u0937`],
    ['Devanagari with a nukta', `\u0921\u093c\u094d${zwj}\u092f`],
    ['Kannada, ra that is no repha', `\u0cb0${zwj}\u0ccd\u0c95`],
    ['Malayalam, a chillu at the end', `\u0d1c\u0d2f\u0d28\u0d4d${zwj}`],
    ['Sinhala', `\u0dc1\u0dca${zwj}\u0dbb\u0dd3`],
    ['Persian', `\u0639\u0644\u06cc${zwnj}\u0631\u0636\u0627`],
    ['Persian, after a letter that never joins', `\u0645\u0647\u0631${zwnj}\u062f\u0627\u062f`],
    ['Arabic with a vowel sign', `\u0628\u064e${zwnj}\u0628`],
    ['an ideographic variation', '\u845b\u{e0100}\u57ce'],
    ['a variation of the ideographic zero', '\u3007\u{e0100}'],
    ['a standardized variant of an ideograph', '\u6168\ufe00'],
    ['a Mongolian variation', '\u1820\u180b'],
    ['a Mongolian vowel separator', '\u182d\u180e\u1820'],
    ['an emoji in color', 'Ada \u2764\ufe0f'],
    ['an emoji in black', 'Ada \u2764\ufe0e'],
    ['a keycap', 'Team 1\ufe0f\u20e3'],
    ['a family', `\u{1f469}${zwj}\u{1f469}${zwj}\u{1f467}`],
    ['a skin tone', `\u{1f469}\u{1f3fd}${zwj}\u{1f680}`],
    ['a rainbow flag', `\u{1f3f3}\ufe0f${zwj}\u{1f308}`],
    ['a rainbow flag without its selector', `\u{1f3f3}${zwj}\u{1f308}`],
    ['the flag of Scotland', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['two letters of a flag', '\u{1f1f3}\u{1f1f4}'],
  ])('are allowed in %s', (_what, text) => expect(hasInvisible(text)).toBe(false));
});

describe('joiners and variation selectors that are invisible', () => {
  it.each([
    ['alone', zwj],
    ['first', `${zwnj}\u0639\u0644`],
    ['last', `\u0639\u0644${zwnj}`],
    ['repeated', `\u0639${zwnj}${zwnj}\u0644`],
    ['repeated after a virama', `\u0915\u094d${zwj}${zwj}\u0937`],
    ['mixed after a virama', `\u0915\u094d${zwnj}${zwj}\u0937`],
    ['between Latin letters', `Ad${zwj}a`],
    ['between Latin letters, the other one', `Ad${zwnj}a`],
    ['between two scripts', `\u0639${zwnj}a`],
    ['after a virama on a Latin letter', `a\u094d${zwj}\u0937`],
    ['before a letter of another Indian script', `\u0915\u094d${zwnj}\u09b7`],
    ['without a virama', `\u0915${zwj}\u0937`],
    ['before a vowel sign', `\u0915\u094d${zwj}\u093e`],
    ['before a virama that joins nothing', `\u09b0${zwj}\u09cd`],
    ['between an emoji and a letter', `\u{1f469}${zwj}a`],
    ['between digits, which are emoji by their property', `1${zwj}2`],
    ['after an emoji', `\u{1f469}${zwj}`],
    ['a selector after a letter', 'Ada\ufe0f'],
    ['a selector first', '\ufe0f\u2764'],
    ['a selector after a digit', '1\ufe0f'],
    ['two selectors', '\u2764\ufe0f\ufe0f'],
    ['two ideographic selectors', '\u845b\u{e0100}\u{e0101}'],
    ['an ideographic selector after a character that decomposes', '\u3038\u{e0100}'],
    ['an ideographic selector after a kana', '\u3042\u{e0100}'],
    ['a Mongolian selector after a Latin letter', 'a\u180b'],
    ['tags that spell no flag', '\u{1f3f4}\u{e0041}\u{e0064}\u{e0061}\u{e007f}'],
    ['a flag whose tags go on', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}\u{e0041}'],
  ])('are found when %s', (_what, text) => expect(hasInvisible(text)).toBe(true));
});
