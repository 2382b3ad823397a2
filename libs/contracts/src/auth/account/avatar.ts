import { uuid } from '#libs/validation';
import { z } from 'zod';
import { defineJob } from '../../event';
import { defineRpc } from '../../rpc';
import { user } from './user';

/** Characters of base64: some 500 kB of picture, within what one message may hold. */
const longestPicture = 700_000;

/** A WebP file in base64: what every one begins with (`RIFF`, RFC 9649 section 2.3) shows at once that it is none of another kind. */
export const picture = z.base64().startsWith('UklGR').max(longestPicture);

/** Keeps a picture that the gateway has decoded and encoded anew, in place of the one before. */
export const storeAvatar = defineRpc('auth', 'storeAvatar', {
  http: {
    id: 'avatar.upload',
    put: '/users/me/avatar',
    limits: ['picture'],
    summary: 'Upload your avatar',
    description:
      'Send a form with one JPEG, PNG, WebP or AVIF file of at most 5 MB. The image is cropped to a square and stored as WebP without metadata. `avatarUrl` is a URL that works for a few minutes.',
  },
  access: 'user',
  scope: 'profile:write',
  request: z.strictObject({ picture }),
  response: user,
  errors: ['unauthenticated'],
  // Two attempts at an object store that is slow.
  timeoutMs: 10_000,
});

/** Removes the picture, wherever it is. There need not be one. */
export const removeAvatar = defineRpc('auth', 'removeAvatar', {
  http: {
    id: 'avatar.delete',
    delete: '/users/me/avatar',
    summary: 'Remove your avatar',
    description: 'Deletes the stored image, or forgets the URL set with `PATCH /users/me`.',
  },
  access: 'user',
  scope: 'profile:write',
  request: z.strictObject({}),
  response: z.null(),
  errors: ['unauthenticated'],
});

/** One of the signed addresses that `avatarUrl` holds: texts as they came, since whatever is wrong with them means that nothing is there. */
export const avatarAddress = z.strictObject({
  id: z.string().max(256).describe('The id in the signed URL.'),
  expires: z.string().max(256).describe('When the URL expires, in seconds since 1970.'),
  signature: z.string().max(256).describe('The signature of the URL.'),
});

/** The address is the permission: it was signed for somebody who may see the picture, and for a short time. */
export const getAvatar = defineRpc('auth', 'getAvatar', {
  http: {
    id: 'avatar.get',
    get: '/avatars/:id',
    summary: 'Get an avatar image',
    description:
      'Serves the image behind an `avatarUrl`. The URL carries its own signature and expires after a few minutes.',
  },
  access: 'public',
  request: avatarAddress,
  response: z.strictObject({ picture, expiresInSeconds: z.int() }),
  errors: ['not_found'],
});

/** Delete a picture that no account has any more. A day of an object store's outage leaves none behind. */
export const deleteAvatarObject = defineJob('avatar.delete_object', {
  service: 'auth',
  payload: z.strictObject({ id: uuid }),
  confidential: false,
  retry: { attempts: 300, firstDelayMs: 2_000, longestDelayMs: 300_000 },
});
