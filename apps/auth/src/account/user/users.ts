import { ProblemError, staffRole } from '#libs/contracts';
import { queryPrepared } from '#libs/database';
import { locale } from '#libs/validation';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';

const columns = `
  users.id, email, name, locale, avatar_url AS "avatarUrl", avatar_object AS "avatarObject",
  password_hash AS "passwordHash",
  email_verified_at AS "emailVerifiedAt", mfa_enabled_at AS "mfaEnabledAt", session_epoch AS "sessionEpoch",
  staff_role AS "staffRole", suspended_at AS "suspendedAt",
  users.created_at AS "createdAt"`;

export const account = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  locale,
  avatarUrl: z.string().nullable(),
  avatarObject: z.string().nullable(),
  passwordHash: z.string().nullable(),
  emailVerifiedAt: z.date().nullable(),
  mfaEnabledAt: z.date().nullable(),
  sessionEpoch: z.int(),
  staffRole: staffRole.nullable(),
  suspendedAt: z.date().nullable(),
  createdAt: z.date(),
});
/** A user's row as it is read at every sign-in, refresh and look at oneself. */
export type Account = z.output<typeof account>;

const sessionFacts = z.object({
  /** When the person last proved who they are. */
  authenticatedAt: z.date(),
  /** The session's end, beyond which no token of its works. */
  expiresAt: z.date(),
  secondFactor: z.boolean(),
  /** Who of the staff acts as the person. */
  impersonatorId: z.string().nullable(),
  readOnly: z.boolean(),
});
/** What a session's tokens say of it. */
export type SessionFacts = z.output<typeof sessionFacts>;

const byId = { name: 'account-by-id', sql: `SELECT ${columns} FROM users WHERE id = $1`, row: account };
const byEmail = { name: 'account-by-email', sql: accountWithEmail('$1'), row: account };
const bySession = {
  name: 'account-by-session',
  sql: `SELECT ${columns}, authenticated_at AS "authenticatedAt", expires_at AS "expiresAt", second_factor AS "secondFactor",
      impersonator_id AS "impersonatorId", read_only AS "readOnly"
    FROM sessions JOIN users ON users.id = user_id WHERE sessions.id = $1`,
  row: account.extend(sessionFacts.shape),
};

/** A statement that gives an `account`. @param parameter such as `$1` */
export function accountWithEmail(parameter: string): string {
  return `SELECT ${columns} FROM users WHERE email = ${parameter}`;
}

export async function accountById(manager: EntityManager, id: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, byId, [id]))[0];
}

/** @param email as the schema `email` normalizes it */
export async function accountByEmail(manager: EntityManager, email: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, byEmail, [email]))[0];
}

const lockedById = { ...byId, name: 'lock-account-by-id', sql: `${byId.sql} FOR SHARE` };
const lockedByEmail = { ...byEmail, name: 'lock-account-by-email', sql: `${byEmail.sql} FOR SHARE` };

/** As accountById, and the account stays as it is until the transaction ends. */
export async function lockAccountById(manager: EntityManager, id: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, lockedById, [id]))[0];
}

/** As accountByEmail, and the account keeps its address until the transaction ends: no link is mailed to one that it has no more. */
export async function lockAccountByEmail(manager: EntityManager, email: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, lockedByEmail, [email]))[0];
}

/** The session's person, with what its tokens say. */
export async function accountBySession(
  manager: EntityManager,
  sessionId: string,
): Promise<(Account & SessionFacts) | undefined> {
  return (await queryPrepared(manager, bySession, [sessionId]))[0];
}

/** To be told only to who has proved to be the person. @throws ProblemError `account_suspended` */
export function refuseSuspended({ suspendedAt }: Pick<Account, 'suspendedAt'>): void {
  if (suspendedAt !== null) throw new ProblemError('account_suspended');
}
