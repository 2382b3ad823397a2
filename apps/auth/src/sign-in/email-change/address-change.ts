import { ProblemError } from '#libs/contracts';
import { execute, isUniqueViolation } from '#libs/database';
import { IsNull, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { User } from '../../account/user/user.entity';
import { accountById, type Account } from '../../account/user/users';
import type { TokenKind } from '../one-time-token/one-time-tokens';

export const undoDays = 7;
export const address = z.strictObject({ email: z.string() });
const formerAddress = address.extend({ changedAt: z.iso.datetime() });

/** Goes to the old address. */
export const undoToken: TokenKind<typeof formerAddress> = {
  purpose: 'email-change-undo',
  lifeSeconds: undoDays * 86_400,
  data: formerAddress,
};

/** @returns the account as it was before @throws ProblemError `token_invalid`, `email_taken` */
export async function setAddress(manager: EntityManager, userId: string, email: string): Promise<Account> {
  const before = await accountById(manager, userId);
  if (before === undefined) throw new ProblemError('token_invalid');
  // Somebody who registered it could not open its mail, as the holder of this link could.
  await manager.delete(User, { email, emailVerifiedAt: IsNull() });
  try {
    await execute(manager, 'UPDATE users SET email = $2, updated_at = now() WHERE id = $1', [userId, email]);
  } catch (error) {
    throw isUniqueViolation(error) ? new ProblemError('email_taken', { cause: error }) : error;
  }
  return before;
}
