import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { normalizePicture } from './picture';
import type { PictureWork } from './picture-work';
import { readUpload } from './upload';

export const pictureForm = z.strictObject({ file: z.file() });

/**
 * Reads the picture of a form and re-encodes it. It counts as an upload until `use` has finished.
 * @param use receives WebP in base64
 * @throws ProblemError those of `readUpload`; image_rejected; service_unavailable if there are too many
 * uploads
 */
export function receivePicture<T>(
  work: PictureWork,
  request: FastifyRequest,
  use: (picture: string) => Promise<T>,
): Promise<T> {
  return work.admit(async () => {
    const file = await readUpload(request);
    const picture = await work.inTurn(() => normalizePicture(file));
    return use(picture.toString('base64'));
  });
}
