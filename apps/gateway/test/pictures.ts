import sharp from 'sharp';
import { crc32, deflateSync } from 'node:zlib';

export const red = { r: 255, g: 0, b: 0 };
export const blue = { r: 0, g: 0, b: 255 };

/** A picture of one color. */
export function plain(width = 64, height = width, background: object = red) {
  return sharp({ create: { width, height, channels: 3, background } });
}

/** Twice as wide as high: red on the left, blue on the right. */
export async function twoColors(side = 200) {
  const right = await plain(side, side, blue).png().toBuffer();
  return plain(2 * side, side, red).composite([{ input: right, left: side, top: 0 }]);
}

/** A PNG that declares a size and has this many bytes of pixels. */
export function pngThatClaims(width: number, height: number, pixels = 1_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // One bit of gray per pixel.
  header[8] = 1;
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = deflateSync(Buffer.alloc(pixels), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** The form that a browser sends for these fields. Fields with a `file` name are files. */
export function form(...fields: readonly { name: string; content: Buffer | string; file?: string; type?: string }[]) {
  const boundary = 'groundwork-test-boundary';
  const parts = fields.flatMap(({ name, content, file, type }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
    file === undefined ? '' : `; filename="${file}"`,
    type === undefined ? '' : `\r\nContent-Type: ${type}`,
    '\r\n\r\n',
    content,
    '\r\n',
  ]);
  const body = Buffer.concat([...parts, `--${boundary}--\r\n`].map((part) => Buffer.from(part)));
  return { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

export const fileForm = (content: Buffer | string, file = 'me.jpg', type = 'image/jpeg') =>
  form({ name: 'file', content, file, type });
