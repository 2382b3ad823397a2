import { randomInt } from 'node:crypto';
import sharp from 'sharp';
import { publicUrl } from './auth';

/** A unique picture, as the gateway passes it on. */
export async function aPicture(): Promise<{ bytes: Buffer; picture: string }> {
  const [r = 0, g = 0, b = 0] = Array.from({ length: 3 }, () => randomInt(256));
  const pixels = sharp({ create: { width: 32, height: 32, channels: 3, background: { r, g, b } } });
  const bytes = await pixels.webp({ lossless: true }).toBuffer();
  return { bytes, picture: bytes.toString('base64') };
}

/** The parts of a URL that the suite signed itself. */
export function partsOf(avatarUrl: string | null) {
  const { origin, pathname, searchParams } = new URL(avatarUrl ?? '');
  expect(origin).toBe(publicUrl);
  const id = /^\/api\/v1\/avatars\/([\da-f-]{36})$/.exec(pathname)?.[1] ?? '';
  return { id, expires: searchParams.get('expires') ?? '', signature: searchParams.get('signature') ?? '' };
}
