import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { normalizePicture } from './picture';
import type { PictureWork } from './picture-work';
import { readUpload } from './upload';

export const pictureForm = z.strictObject({ file: z.file() });

/**
 * Reads the picture of a form, decodes it and encodes it anew, and counts it as under way until `use` is done with it.
 * @param use takes WebP in base64
 * @throws ProblemError as `readUpload`; image_rejected; service_unavailable when there are too many
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
