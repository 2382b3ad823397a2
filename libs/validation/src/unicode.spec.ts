import { controlFree, decodeUtf8, readUtf8 } from './index';

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

describe('readUtf8', () => {
  const bytes = Buffer.from('Gr\u00fc\u00dfe \u{1F30D}');
  async function* chunks(size: number, content: Uint8Array = bytes) {
    for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
  }

  it('joins characters that are split between chunks, and reads no body as an empty text', async () => {
    for (const size of [1, 2, 3, 100]) expect(await readUtf8(chunks(size), 100)).toBe(bytes.toString());
    expect(await readUtf8(null, 100)).toBe('');
    expect(await readUtf8(chunks(4), bytes.length)).toBe(bytes.toString());
  });

  it('refuses more bytes than allowed, without reading on', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield Buffer.alloc(10);
      }
    }
    await expect(readUtf8(endless(), 95)).rejects.toThrow('more than 95 bytes');
    expect(read).toBe(10);
  });

  it('refuses bytes that are not UTF-8, even at the end, and chunks that are not bytes', async () => {
    await expect(readUtf8(chunks(2, Buffer.from([0x41, 0xff, 0x42])), 100)).rejects.toThrow(TypeError);
    await expect(readUtf8(chunks(100, bytes.subarray(0, -1)), 100)).rejects.toThrow(TypeError);
    async function* texts() {
      yield 'text';
    }
    await expect(readUtf8(texts(), 100)).rejects.toThrow('does not consist of bytes');
  });
});
