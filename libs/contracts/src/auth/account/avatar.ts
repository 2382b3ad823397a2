import { uuid } from '#libs/validation';
import { z } from 'zod';
import { defineJob } from '../../event';
import { defineRpc } from '../../rpc';
import { user } from './user';

/** In base64 characters: a picture of about 500 kB, which still fits into one message. */
const longestPicture = 700_000;

/**
 * A WebP file in base64. Every WebP file starts with `RIFF` (RFC 9649 section 2.3), so other file types
 * are refused early.
 */
export const picture = z.base64().startsWith('UklGR').max(longestPicture);

/** Stores a picture that the gateway has decoded and re-encoded. Replaces the previous picture. */
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
  // Allows two attempts at a slow object store.
  timeoutMs: 10_000,
});

/** Removes the picture, wherever it is stored. Succeeds if there is none. */
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

/** The parts of a signed URL from `avatarUrl`. They are plain strings, because any invalid one means "not found". */
export const avatarAddress = z.strictObject({
  id: z.string().max(256).describe('The id in the signed URL.'),
  expires: z.string().max(256).describe('When the URL expires, in seconds since 1970.'),
  signature: z.string().max(256).describe('The signature of the URL.'),
});

/** The URL is the permission: it was signed for a user who can see the picture, and it expires soon. */
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

/**
 * Deletes a picture that no account uses. Retries for a day, so that an outage of the object store leaves
 * no picture behind.
 */
export const deleteAvatarObject = defineJob('avatar.delete_object', {
  service: 'auth',
  payload: z.strictObject({ id: uuid }),
  confidential: false,
  retry: { attempts: 300, firstDelayMs: 2_000, longestDelayMs: 300_000 },
});
