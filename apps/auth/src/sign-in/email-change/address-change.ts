import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { deleteUnverified, requireAccount, setEmail, type Account } from '../../account/user/users.table';
import type { TokenKind } from '../one-time-token/one-time-tokens.table';

export const undoDays = 7;
export const address = z.strictObject({ email: z.string() });
const formerAddress = address.extend({ changedAt: z.iso.datetime() });

/** Goes to the old email address. */
export const undoToken: TokenKind<typeof formerAddress> = {
  purpose: 'email-change-undo',
  lifeSeconds: undoDays * 86_400,
  data: formerAddress,
};

/** @returns the account before the change @throws ProblemError `token_invalid`, `email_taken` */
export async function setAddress(manager: EntityManager, userId: string, email: string): Promise<Account> {
  const before = await requireAccount(manager, userId, 'token_invalid');
  // Whoever registered this email address could not read its mail, unlike the holder of the link.
  await deleteUnverified(manager, email);
  await setEmail(manager, userId, email);
  return before;
}
