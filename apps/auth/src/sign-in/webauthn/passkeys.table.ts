import type { Passkey, PasskeyDescriptor } from '#libs/contracts';
import { columnsOf, execute, newId, queryRows } from '#libs/database';
import {
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  MoreThanOrEqual,
  PrimaryColumn,
  Unique,
  type EntityManager,
} from 'typeorm';
import { z } from 'zod';
import { User } from '../../account/user/users.table';
import type { NewCredential } from './webauthn';

@Entity('passkeys')
@Unique(['credentialId'])
@Index('passkeys_user_id_idx', ['userId', 'id'])
export class PasskeyRecord {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Column('uuid') userId!: string;
  @Column('text') credentialId!: string;
  @Column('bytea') publicKey!: Buffer;
  @Column('bigint') counter!: string;
  @Column('text', { array: true }) transports!: string[];
  @Column('text') name!: string;
  @Column('text') deviceType!: string;
  @Column('boolean') backedUp!: boolean;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Column('timestamptz', { nullable: true }) lastUsedAt!: Date | null;
}

const listed = columnsOf(PasskeyRecord, ['id', 'name', 'createdAt', 'lastUsedAt', 'backedUp']);
const descriptor = columnsOf(PasskeyRecord, ['credentialId', 'transports']);
const stored = columnsOf(PasskeyRecord, ['id', 'userId', 'credentialId', 'publicKey', 'counter']);

function viewOf({ createdAt, lastUsedAt, ...passkey }: z.output<typeof listed.row>): Passkey {
  return { ...passkey, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}

const passkeysOfSql = `SELECT ${listed.list} FROM passkeys WHERE user_id = $1 ORDER BY id`;

/** Oldest first. */
export async function passkeysOf(manager: EntityManager, userId: string): Promise<Passkey[]> {
  return (await queryRows(manager, passkeysOfSql, [userId], listed.row)).map(viewOf);
}

const descriptorsOfSql = `SELECT ${descriptor.list} FROM passkeys WHERE user_id = $1 ORDER BY id`;

/** Browsers find a user's passkeys by these. */
export async function descriptorsOf(manager: EntityManager, userId: string): Promise<PasskeyDescriptor[]> {
  const found = await queryRows(manager, descriptorsOfSql, [userId], descriptor.row);
  return found.map(({ credentialId: id, transports }) => ({ type: 'public-key', id, transports }));
}

const insertPasskeySql = `
  INSERT INTO passkeys (id, user_id, name, credential_id, public_key, counter, transports, device_type, backed_up)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (credential_id) DO NOTHING RETURNING ${listed.list}`;

/** @returns undefined if the credential is already registered, by any user */
export async function insertPasskey(
  manager: EntityManager,
  userId: string,
  name: string,
  { credentialId, publicKey, counter, transports, deviceType, backedUp }: NewCredential,
): Promise<Passkey | undefined> {
  const key = Buffer.from(publicKey);
  const values = [newId(), userId, name, credentialId, key, counter, transports, deviceType, backedUp];
  return (await queryRows(manager, insertPasskeySql, values, listed.row)).map(viewOf)[0];
}

const renamePasskeyOfSql = `UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2 RETURNING ${listed.list}`;

/** @returns undefined if the user has no such passkey */
export async function renamePasskeyOf(
  manager: EntityManager,
  userId: string,
  id: string,
  name: string,
): Promise<Passkey | undefined> {
  return (await queryRows(manager, renamePasskeyOfSql, [id, userId, name], listed.row)).map(viewOf)[0];
}

const passkeyByCredentialSql = `SELECT ${stored.list} FROM passkeys WHERE credential_id = $1 AND user_id = coalesce($2, user_id)`;

/** @param userId the required owner; null for any */
export async function passkeyByCredential(manager: EntityManager, credentialId: string, userId: string | null) {
  const [passkey] = await queryRows(manager, passkeyByCredentialSql, [credentialId, userId], stored.row);
  return passkey && { ...passkey, counter: Number(passkey.counter) };
}

/**
 * Of two concurrent uses, the older one does not lower the counter.
 * @returns false if it was removed or its counter has passed this one
 */
export async function notePasskeyUse(
  manager: EntityManager,
  { id, counter, backedUp }: { readonly id: string; readonly counter: number; readonly backedUp: boolean },
): Promise<boolean> {
  const sql = `UPDATE passkeys SET counter = $2, backed_up = $3, last_used_at = now()
    WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0))`;
  return (await execute(manager, sql, [id, counter, backedUp])) === 1;
}

/** @returns the name; undefined if the user has no such passkey */
export async function removePasskeyOf(manager: EntityManager, userId: string, id: string): Promise<string | undefined> {
  const sql = 'DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING name';
  return (await queryRows(manager, sql, [id, userId], z.object({ name: z.string() })))[0]?.name;
}

export async function removePasskeysSince(manager: EntityManager, userId: string, since: Date): Promise<void> {
  await manager.delete(PasskeyRecord, { userId, createdAt: MoreThanOrEqual(since) });
}
