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
    /** Who of the staff acts as this person in the session that asks: for pages to show. */
    impersonatedBy: z.strictObject({ userId: uuid, readOnly: z.boolean() }).nullable(),
  })
  .meta({ id: 'User' });
export type User = z.output<typeof user>;
