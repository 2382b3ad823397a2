import { ProblemError } from '#libs/contracts';
import type { Metadata, Sharp, SharpOptions } from 'sharp';

/** Maximum pixels per side. */
export const largestSide = 512;

const timeLimitSeconds = 10;

const mostPixels = 50_000_000;
/** What decoding may use at most, so that the gateway stays within its container's memory (288 MB). */
const mostDecodingBytes = 130_000_000;

const options: SharpOptions = {
  limitInputPixels: mostPixels,
  failOn: 'error',
  sequentialRead: true,
  animated: false,
};

const endOfImage = Buffer.from([0xff, 0xd9]);

type Format = 'jpeg' | 'png' | 'webp' | 'heif';

/**
 * Decodes a picture and re-encodes it as a square WebP: cropped to the middle, upright by EXIF, first
 * frame only, never enlarged. No byte of the file is passed on, so nothing hidden in it is either.
 * @throws ProblemError image_rejected
 */
export async function normalizePicture(file: Buffer): Promise<Buffer> {
  const format = formatOf(file);
  if (format === undefined) throw new ProblemError('image_rejected');
  const sharp = await loadSharp();
  const completed = format === 'jpeg' ? withEndMarker(file) : undefined;
  try {
    return await encode(sharp(file, options), format).catch((error: unknown) => {
      if (completed === undefined) throw error;
      // The decoder warns about a file that lacks more than its end.
      return encode(sharp(completed, { ...options, failOn: 'warning' }), format);
    });
  } catch (error) {
    throw new ProblemError('image_rejected', { cause: error });
  }
}

/**
 * Some cameras omit the end marker (ITU-T T.81 section B.1.1.3), or half of it, and browsers still show
 * their pictures.
 */
function withEndMarker(file: Buffer): Buffer | undefined {
  if (file.subarray(-2).equals(endOfImage)) return undefined;
  return Buffer.concat([file.at(-1) === 0xff ? file.subarray(0, -1) : file, endOfImage]);
}

async function encode(picture: Sharp, format: Format): Promise<Buffer> {
  const found = await picture.metadata();
  if (found.format !== format) throw new Error(`It begins like ${format} and is ${found.format}.`);
  if (decodingBytesOf(found) > mostDecodingBytes) throw new Error('Decoding it would take too much memory.');
  const side = Math.min(largestSide, found.width, found.height);
  return picture
    .timeout({ seconds: timeLimitSeconds })
    .autoOrient()
    .resize(side, side, { fit: 'cover' })
    .webp({ quality: 82, alphaQuality: 90 })
    .toBuffer();
}

/**
 * What decoding takes at most, by the header, before a pixel is decoded. The figures are measured
 * (docs/account.md): all formats need memory for some lines; those in several passes (progressive,
 * interlaced, animated) and AVIF for all pixels.
 */
function decodingBytesOf({ format, width, height, depth, isProgressive, pages = 1 }: Metadata): number {
  const pixels = width * height;
  if (format === 'heif') return pixels * 29;
  const deep = depth !== 'uchar';
  const perPixel = isProgressive || pages > 1 ? (deep ? 8.5 : 6.5) : 0.5;
  return pixels * perPixel + width * (deep ? 16_000 : 8_000);
}

/** Detects the format by the first bytes, because a file's name and declared type can lie. */
function formatOf(file: Buffer): Format | undefined {
  const text = (from: number, to: number) => file.toString('latin1', from, to);
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (text(4, 8) === 'ftyp' && brandsOf(file).some((brand) => brand === 'avif' || brand === 'avis')) return 'heif';
  return undefined;
}

/**
 * The brands of the file type box (ISO 14496-12 section 4.3): the major brand and, after its version, the
 * compatible ones.
 */
function brandsOf(file: Buffer): string[] {
  const box = file.subarray(8, Math.min(file.readUInt32BE(0), 128)).toString('latin1');
  return box.match(/.{4}/gs) ?? [];
}

let loading: ReturnType<typeof prepareSharp> | undefined;

/** Loads 20 MB, only in gateways that receive a picture. */
function loadSharp(): ReturnType<typeof prepareSharp> {
  return (loading ??= prepareSharp());
}

async function prepareSharp() {
  const { default: sharp } = await import('sharp');
  // One thread each and no cache, because memory matters more here than speed.
  sharp.concurrency(1);
  sharp.cache(false);
  // No other decoder can run, whatever the file looks like: no SVG, PDF, TIFF or future formats of libvips.
  sharp.block({ operation: ['VipsForeignLoad'] });
  const decoders = ['Jpeg', 'Png', 'Webp', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`);
  sharp.unblock({ operation: decoders });
  return sharp;
}
