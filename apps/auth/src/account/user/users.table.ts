import { ProblemError, required, type EventPayload, type registrationRequested, type StaffRole } from '#libs/contracts';
import { BaseEntity, columnsOf, execute, isUniqueViolation, newId, queryPrepared, queryRows } from '#libs/database';
import type { Locale } from '#libs/validation';
import { Check, Column, Entity, Index, IsNull, Not, type EntityManager } from 'typeorm';
import { z } from 'zod';

@Entity('users')
@Check('users_email_is_lower_case', 'email = lower(email)')
@Check('users_have_one_avatar', 'avatar_object IS NULL OR avatar_url IS NULL')
@Check('users_staff_role_is_known', "staff_role IN ('support', 'admin')")
@Check('users_suspension_has_reason', '(suspended_at IS NULL) = (suspension_reason IS NULL)')
@Index('users_email_prefix_idx', { synchronize: false })
@Index('users_name_prefix_idx', { synchronize: false })
@Index('users_staff_idx', ['email'], { where: 'staff_role IS NOT NULL' })
@Index('users_unverified_idx', ['updatedAt'], { where: 'email_verified_at IS NULL' })
export class User extends BaseEntity {
  /** Normalized by the schema `email`, so that equal texts are equal email addresses. */
  @Index('users_email_key', { unique: true }) @Column('text') email!: string;
  @Column('text') name!: string;
  @Column('text') locale!: Locale;
  @Column('text', { nullable: true }) avatarUrl!: string | null;
  /** The id of the uploaded picture in the object store. `avatarUrl` is null if this is set. */
  @Column('uuid', { nullable: true }) avatarObject!: string | null;
  /** Argon2id PHC string. Null if the user has no password. */
  @Column('text', { nullable: true }) passwordHash!: string | null;
  /** Sessions of an older epoch have ended. Ending all sessions at once increments it. */
  @Column('int', { default: 0 }) sessionEpoch!: number;
  @Column('timestamptz', { nullable: true }) emailVerifiedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) mfaEnabledAt!: Date | null;
  /** The role on the platform's staff. A change ends all sessions of the user. */
  @Column('text', { nullable: true }) staffRole!: StaffRole | null;
  /** A suspended user cannot sign in by any method. */
  @Column('timestamptz', { nullable: true }) suspendedAt!: Date | null;
  @Column('text', { nullable: true }) suspensionReason!: string | null;
}

/** The columns that sign-ins, refreshes and profile requests read. */
export const account = columnsOf(User, [
  ...(['id', 'email', 'name', 'locale', 'avatarUrl', 'avatarObject', 'passwordHash', 'emailVerifiedAt'] as const),
  ...(['mfaEnabledAt', 'sessionEpoch', 'staffRole', 'suspendedAt', 'createdAt'] as const),
]);
export type Account = z.output<typeof account.row>;

const byId = { name: 'account-by-id', sql: `SELECT ${account.list} FROM users WHERE id = $1`, row: account.row };
const byEmail = { name: 'account-by-email', sql: accountWithEmail('$1'), row: account.row };

/** A statement that returns an `account`. `parameter` is a placeholder such as `$1`. */
export function accountWithEmail(parameter: string): string {
  return `SELECT ${account.list} FROM users WHERE email = ${parameter}`;
}

export async function accountById(manager: EntityManager, id: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, byId, [id]))[0];
}

/** @throws ProblemError `refusal` if the account is gone */
export async function requireAccount(
  manager: EntityManager,
  id: string,
  refusal: 'unauthenticated' | 'not_found' | 'token_invalid' | 'passkey_rejected' = 'unauthenticated',
): Promise<Account> {
  return required(await accountById(manager, id), refusal);
}

/** @param email normalized by the schema `email` */
export async function accountByEmail(manager: EntityManager, email: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, byEmail, [email]))[0];
}

const lockedById = { ...byId, name: 'lock-account-by-id', sql: `${byId.sql} FOR SHARE` };
const lockedByEmail = { ...byEmail, name: 'lock-account-by-email', sql: `${byEmail.sql} FOR SHARE` };

/** Like accountById, but the account cannot change until the transaction ends. */
export async function lockAccountById(manager: EntityManager, id: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, lockedById, [id]))[0];
}

/** Like accountByEmail, but locks the account, so that no link goes to an email address that it no longer has. */
export async function lockAccountByEmail(manager: EntityManager, email: string): Promise<Account | undefined> {
  return (await queryPrepared(manager, lockedByEmail, [email]))[0];
}

/** Lock the user before counting or changing what belongs to it. Returns whether the user exists. */
export async function lockUser(manager: EntityManager, id: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE';
  return (await queryRows(manager, sql, [id], z.unknown())).length === 1;
}

/**
 * Tell only someone who has proved to be the user.
 * @throws ProblemError `account_suspended`
 */
export function refuseSuspended({ suspendedAt }: Pick<Account, 'suspendedAt'>): void {
  if (suspendedAt !== null) throw new ProblemError('account_suspended');
}

const unverified = { emailVerifiedAt: IsNull() };

export type Registration = EventPayload<typeof registrationRequested>;

/**
 * No one has proved to own an unverified account, so the newest registration replaces an older one.
 * @returns undefined if the email address has a verified account, which stays unchanged
 */
export async function saveUnverified(manager: EntityManager, registration: Registration): Promise<Account | undefined> {
  const { email, passwordHash, name, locale } = registration;
  const inserted = await execute(
    manager,
    `INSERT INTO users (id, email, password_hash, name, locale) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [newId(), email, passwordHash, name, locale],
  );
  if (inserted === 0) {
    const replaced = await manager.update(User, { email, ...unverified }, { passwordHash, name, locale });
    if (replaced.affected === 0) return undefined;
  }
  return accountByEmail(manager, email);
}

/**
 * For a user who can read the mailbox or whose issuer vouches for the email address. Older emailed links stop
 * working.
 * @returns undefined if the email address has a verified account, which stays unchanged
 */
export async function saveVerified(manager: EntityManager, registration: Registration): Promise<Account | undefined> {
  const user = await saveUnverified(manager, registration);
  if (user === undefined) return undefined;
  await manager.update(User, { id: user.id }, { emailVerifiedAt: new Date() });
  return accountByEmail(manager, registration.email);
}

const insertVouchedForSql = `INSERT INTO users (id, email, name, locale, email_verified_at) VALUES ($1, $2, $3, $4, now())
  ON CONFLICT (email) DO NOTHING RETURNING ${account.list}`;

/** For a user whose issuer vouches for the email address. Returns undefined if it has an account. */
export async function insertVouchedFor(
  manager: EntityManager,
  { email, name, locale }: Pick<User, 'email' | 'name' | 'locale'>,
): Promise<Account | undefined> {
  return (await queryRows(manager, insertVouchedForSql, [newId(), email, name, locale], account.row))[0];
}

/** Deletes a registration whose owner never opened the email, with everything that belongs to it. */
export async function deleteUnverified(manager: EntityManager, email: string): Promise<void> {
  await manager.delete(User, { email, ...unverified });
}

/** @returns whether the account was unverified */
export async function verifyUser(
  manager: EntityManager,
  id: string,
  confirmed: Pick<User, 'name' | 'locale' | 'passwordHash'>,
): Promise<boolean> {
  const changes = { ...confirmed, emailVerifiedAt: new Date() };
  return (await manager.update(User, { id, ...unverified }, changes)).affected === 1;
}

/** @throws ProblemError `email_taken` */
export async function setEmail(manager: EntityManager, id: string, email: string): Promise<void> {
  try {
    await manager.update(User, { id }, { email });
  } catch (error) {
    throw isUniqueViolation(error) ? new ProblemError('email_taken', { cause: error }) : error;
  }
}

type Profile = Partial<Pick<User, 'name' | 'locale' | 'avatarUrl'>>;

export async function updateProfileOf(manager: EntityManager, id: string, changes: Profile): Promise<void> {
  await manager.update(User, { id }, changes);
}

/** The old hash is a condition, so only one of two concurrent changes succeeds. Returns whether this one did. */
export async function replacePassword(
  manager: EntityManager,
  { id, passwordHash }: Pick<User, 'id' | 'passwordHash'>,
  newHash: string,
): Promise<boolean> {
  if (passwordHash === null) return false;
  return (await manager.update(User, { id, passwordHash }, { passwordHash: newHash })).affected === 1;
}

/** The emailed link also verifies the email address. */
export async function resetPasswordOf(manager: EntityManager, id: string, passwordHash: string): Promise<void> {
  const emailVerifiedAt = () => 'coalesce(email_verified_at, now())';
  await manager.update(User, { id }, { passwordHash, emailVerifiedAt });
}

export async function removePassword(manager: EntityManager, id: string): Promise<void> {
  await manager.update(User, { id }, { passwordHash: null });
}

export async function setMfa(manager: EntityManager, id: string, isOn: boolean): Promise<void> {
  const sql = 'UPDATE users SET mfa_enabled_at = CASE WHEN $2 THEN now() END WHERE id = $1';
  await execute(manager, sql, [id, isOn]);
}

/**
 * Each of several concurrent swaps returns what the one before it stored, so that nothing is replaced without
 * being deleted.
 */
const swap = `
  UPDATE users SET avatar_object = $2, avatar_url = NULL, updated_at = now()
  FROM (SELECT id, avatar_object FROM users WHERE id = $1 FOR NO KEY UPDATE) AS before
  WHERE users.id = before.id
  RETURNING before.avatar_object AS replaced`;

/** @returns the previous object @throws ProblemError `unauthenticated` if the account does not exist */
export async function swapAvatar(manager: EntityManager, id: string, object: string | null): Promise<string | null> {
  const [swapped] = await queryRows(manager, swap, [id, object], z.object({ replaced: z.uuid().nullable() }));
  if (swapped === undefined) throw new ProblemError('unauthenticated');
  return swapped.replaced;
}

/** Staff cannot be suspended. Returns whether the user was not suspended before. */
export async function suspendAccount(manager: EntityManager, id: string, suspensionReason: string): Promise<boolean> {
  const notSuspended = { id, suspendedAt: IsNull(), staffRole: IsNull() };
  const changed = await manager.update(User, notSuspended, { suspendedAt: () => 'now()', suspensionReason });
  return changed.affected === 1;
}

/** @returns whether the user was suspended before */
export async function reinstateAccount(manager: EntityManager, id: string): Promise<boolean> {
  const suspended = { id, suspendedAt: Not(IsNull()) };
  return (await manager.update(User, suspended, { suspendedAt: null, suspensionReason: null })).affected === 1;
}

/** @returns whether the role changed */
export async function setStaffRole(manager: EntityManager, id: string, role: StaffRole | null): Promise<boolean> {
  const sql = 'UPDATE users SET staff_role = $2, updated_at = now() WHERE id = $1 AND staff_role IS DISTINCT FROM $2';
  return (await execute(manager, sql, [id, role])) === 1;
}

/** A statement that ends every session of a user, including those that are starting right now. */
export const raiseEpoch = (parameter: string) =>
  `UPDATE users SET session_epoch = session_epoch + 1 WHERE id = ${parameter} RETURNING session_epoch`;

/** Like `raiseEpoch` for many users, locked in the order of their ids. */
export async function raiseEpochs(manager: EntityManager, ids: readonly string[]): Promise<void> {
  const sql = `WITH person AS (SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)
    UPDATE users SET session_epoch = session_epoch + 1 FROM person WHERE users.id = person.id`;
  await execute(manager, sql, [ids]);
}
