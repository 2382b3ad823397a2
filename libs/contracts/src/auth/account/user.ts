import { locale, uuid } from '#libs/validation';
import { z } from 'zod';

export const user = z
  .strictObject({
    id: uuid,
    email: z.string(),
    emailVerified: z.boolean(),
    name: z.string(),
    avatarUrl: z.string().nullable(),
    locale,
    mfaEnabled: z.boolean(),
    createdAt: z.iso.datetime(),
    /** The staff member who impersonates this user in the current session. Pages show it. */
    impersonatedBy: z.strictObject({ userId: uuid, readOnly: z.boolean() }).nullable(),
  })
  .meta({ id: 'User' });
export type User = z.output<typeof user>;
