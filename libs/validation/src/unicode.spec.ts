import { controlFree, decodeUtf8 } from './index';

describe('decodeUtf8', () => {
  it.each([
    ['caf\u00e9 \u{1F40E}', Buffer.from('caf\u00e9 \u{1F40E}')],
    ['a byte order mark is dropped', Buffer.from('\ufeffa byte order mark is dropped')],
    ['\ufffd', Buffer.from('\ufffd')],
    ['', Buffer.alloc(0)],
  ])('reads %j', (text, bytes) => expect(decodeUtf8(bytes)).toBe(text));

  it.each([
    ['ISO 8859-1', [0x4a, 0x6f, 0x73, 0xe9]],
    ['a character cut short', [0xe2, 0x82]],
    ['an overlong form', [0xc0, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a code point that does not exist', [0xf4, 0x90, 0x80, 0x80]],
    ['UTF-16 with its byte order mark', [0xff, 0xfe, 0x61, 0x00]],
  ])('refuses %s instead of replacing it', (_what, bytes) => {
    expect(() => decodeUtf8(Buffer.from(bytes))).toThrow(TypeError);
  });
});

it('controlFree refuses unpaired surrogates', () => {
  expect(controlFree.test('\u{1F40E}')).toBe(true);
  for (const text of ['\ud800', 'a\udc00', '\udc00\ud800']) expect(controlFree.test(text)).toBe(false);
});
