import { avatarUrl, locale, mailedName, rule } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { user } from './user';

export const getProfile = defineRpc('auth', 'getProfile', {
  http: {
    id: 'profile.get',
    get: '/users/me',
    summary: 'Get your account',
    description: 'Returns your profile.',
  },
  access: 'user',
  scope: 'profile:read',
  effect: 'read',
  request: z.strictObject({}),
  response: user,
  errors: ['unauthenticated'],
});

export const updateProfile = defineRpc('auth', 'updateProfile', {
  http: {
    id: 'profile.update',
    patch: '/users/me',
    summary: 'Update your account',
    description: 'Fields that you leave out stay as they are.',
  },
  access: 'user',
  scope: 'profile:write',
  request: z
    .strictObject({
      name: mailedName.exactOptional(),
      locale: locale.exactOptional(),
      avatarUrl: avatarUrl.nullable().exactOptional(),
    })
    .refine((changes) => Object.keys(changes).length > 0, rule('nothing_to_change')),
  response: user,
  errors: ['unauthenticated'],
});
