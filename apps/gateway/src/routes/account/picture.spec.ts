import sharp from 'sharp';
import { blue, plain, pngThatClaims, red, twoColors } from '../../../test/pictures';
import { largestSide, normalizePicture } from './picture';

const refused = { code: 'image_rejected', status: 422 };

/** Returns the color in the middle of a part of a picture, where encoders are exact enough. */
async function colorAt(picture: Buffer, x: number, y: number) {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
  const [r = 0, g = 0, b = 0] = [...data.subarray(at, at + 3)].map((value) => (value > 127 ? 255 : 0));
  return { r, g, b };
}

describe('normalizePicture', () => {
  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('converts %s to a square WebP', async (format) => {
    const file = await (await twoColors()).toFormat(format).toBuffer();
    const picture = await normalizePicture(file);
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'webp', width: 200, height: 200 });
    expect(await colorAt(picture, 0.2, 0.5)).toEqual(red);
    expect(await colorAt(picture, 0.8, 0.5)).toEqual(blue);
  });

  it('shrinks a large picture and never enlarges a small one', async () => {
    const [large, small] = await Promise.all(
      [plain(3_000, 2_000), plain(20, 90)].map((image) => image.jpeg().toBuffer()),
    );
    const sizes = [large, small].map(async (file = Buffer.alloc(0)) => sharp(await normalizePicture(file)).metadata());
    expect(await Promise.all(sizes)).toMatchObject([
      { width: largestSide, height: largestSide },
      { width: 20, height: 20 },
    ]);
  });

  it('rotates a camera picture upright and removes its location and camera data', async () => {
    const photo = await (
      await twoColors()
    )
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><canary-xmp/></x:xmpmeta>')
      .withExif({
        IFD0: { Make: 'canary-camera', Copyright: 'canary-owner' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' },
      })
      .withMetadata({ orientation: 6 })
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    const before = await sharp(photo).metadata();
    expect(before).toMatchObject({ orientation: 6, exif: expect.any(Buffer), icc: expect.any(Buffer) });
    expect(photo.toString('latin1')).toMatch(/canary-camera[^]*canary-xmp|canary-xmp[^]*canary-camera/);
    const picture = await normalizePicture(photo);
    // The left side is now on top.
    expect(await colorAt(picture, 0.5, 0.2)).toEqual(red);
    expect(await colorAt(picture, 0.5, 0.8)).toEqual(blue);
    const after = await sharp(picture).metadata();
    for (const kind of ['exif', 'icc', 'xmp', 'iptc', 'orientation'] as const) expect(after[kind]).toBeUndefined();
    expect(picture.toString('latin1')).not.toMatch(/canary|EXIF|XMP |ICCP|GPS/);
  });

  describe.each([
    ['baseline', {}],
    ['progressive', { progressive: true }],
  ])('with a %s JPEG', (_kind, kind) => {
    const cutBy = async (bytes: number) => {
      const file = await (await twoColors()).jpeg(kind).toBuffer();
      return file.subarray(0, file.length - bytes);
    };

    it.each([1, 2])('accepts a file that lacks only its end marker or half of it: %i bytes', async (bytes) => {
      const picture = await normalizePicture(await cutBy(bytes));
      expect(await colorAt(picture, 0.2, 0.95)).toEqual(red);
      expect(await colorAt(picture, 0.8, 0.95)).toEqual(blue);
    });

    it.each([3, 4, 100])('refuses a file that lacks pixels: %i bytes', async (bytes) => {
      await expect(normalizePicture(await cutBy(bytes))).rejects.toMatchObject(refused);
    });
  });

  it('removes data in a comment or after the end', async () => {
    const script = Buffer.from('<html><script>alert("canary")</script></html>');
    const jpeg = await plain().jpeg().toBuffer();
    const length = Buffer.from([0xff, 0xfe, 0, script.length + 2]);
    const hiding = Buffer.concat([jpeg.subarray(0, 2), length, script, jpeg.subarray(2), script]);
    const picture = await normalizePicture(hiding);
    expect(picture.toString('latin1')).not.toMatch(/canary|html|script/);
  });

  it('keeps only the first frame of an animation', async () => {
    const frames = await Promise.all([red, blue].map((color) => plain(40, 40, color).png().toBuffer()));
    const moving = await sharp(frames, { join: { animated: true } })
      .webp()
      .toBuffer();
    expect((await sharp(moving).metadata()).pages).toBe(2);
    const picture = await normalizePicture(moving);
    expect((await sharp(picture).metadata()).pages ?? 1).toBe(1);
    expect(await colorAt(picture, 0.5, 0.5)).toEqual(red);
  });

  it('keeps a picture of pure noise small enough for one message', async () => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 90 };
    const file = await sharp({ create: { width: 700, height: 700, channels: 4, noise, background: red } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    expect((await normalizePicture(file)).toString('base64').length).toBeLessThan(700_000);
  });
});

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const pngSignature = latin1('\x89PNG\r\n\x1a\n');
const fileType = (brands: string) => latin1(`\0\0\0${String.fromCharCode(8 + brands.length)}ftyp${brands}`);

describe('normalizePicture with a file of another type', () => {
  it.each<[string, Buffer | Promise<Buffer>]>([
    ['nothing', Buffer.alloc(0)],
    ['one byte', latin1('\xff')],
    ['an SVG', Buffer.from(svg)],
    ['an SVG behind an XML declaration', Buffer.from(`<?xml version="1.0"?>\n${svg}`)],
    ['an SVG behind the signature of a PNG', Buffer.concat([pngSignature, Buffer.from(svg)])],
    ['a GIF', plain().gif().toBuffer()],
    ['a TIFF', plain().tiff().toBuffer()],
    ['a GIF that is a script', Buffer.from('GIF89a=1;/*<html><script>alert(1)</script>*/')],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a page behind the signature of a JPEG', latin1('\xff\xd8\xff<html><script>alert(1)</script></html>')],
    ['a page behind the signature of a WebP', latin1('RIFF\x40\0\0\0WEBP<html><script>alert(1)</script></html>')],
    ['a PDF', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj')],
    ['a video', Buffer.concat([fileType('isom\0\0\0\0isomavc1'), Buffer.alloc(500)])],
    ['a HEIC', Buffer.concat([fileType('heic\0\0\0\0mif1heic'), Buffer.alloc(500)])],
    ['an empty AVIF', fileType('avif\0\0\0\0mif1avif')],
    ['an archive', latin1('PK\x03\x04\x14\0\0\0')],
  ])('refuses %s', async (_what, file) => {
    await expect(normalizePicture(await file)).rejects.toMatchObject(refused);
  });

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('refuses a truncated %s', async (format) => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
    const image = sharp({ create: { width: 300, height: 300, channels: 3, noise, background: red } });
    const file = await image.toFormat(format).toBuffer();
    await expect(normalizePicture(file.subarray(0, file.length / 2))).rejects.toMatchObject(refused);
  });
});

describe('a picture that would use too much memory', () => {
  it('is refused by its declared size, before memory is allocated', async () => {
    await normalizePicture(await plain().png().toBuffer());
    const before = process.memoryUsage().rss;
    for (const file of [pngThatClaims(50_000, 50_000), pngThatClaims(50_000, 50_000, 2_000_000)]) {
      expect(file.length).toBeLessThan(5_000);
      await expect(normalizePicture(file)).rejects.toMatchObject(refused);
    }
    // Each declares 7.5 GB. The rest of the process may allocate up to this limit in the meantime.
    expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000);
  });

  it.each([
    ['an AVIF', plain(2_200, 2_200).avif({ effort: 0 })],
    ['a progressive JPEG', plain(4_000, 4_000).jpeg({ progressive: true })],
    ['an interlaced PNG', plain(4_000, 4_000).png({ progressive: true })],
    ['an interlaced PNG of 16 bits', plain(3_200, 3_200).toColorspace('rgb16').png({ progressive: true })],
    ['a wide PNG of 16 bits', plain(8_200, 20).toColorspace('rgb16').png()],
    ['a wide JPEG', plain(16_300, 20).jpeg()],
  ])('is refused at a smaller size if its kind needs more memory: %s', async (_kind, image) => {
    await expect(normalizePicture(await image.toBuffer())).rejects.toMatchObject(refused);
  });

  it.each([
    ['an AVIF', plain(2_100, 2_100).avif({ effort: 0 })],
    ['a progressive JPEG of a phone', plain(4_032, 3_024).jpeg({ progressive: true })],
    ['a large PNG', plain(6_000, 5_500).png()],
    ['a wide JPEG', plain(12_000, 4_100).jpeg()],
    ['a tall JPEG', plain(20, 16_300).jpeg()],
  ])('is accepted up to its limit: %s', async (_kind, image) => {
    expect(await sharp(await normalizePicture(await image.toBuffer())).metadata()).toMatchObject({ format: 'webp' });
  });
});
