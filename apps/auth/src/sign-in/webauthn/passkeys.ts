import type { Passkey, PasskeyDescriptor } from '#libs/contracts';
import { newId, queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { NewCredential } from './webauthn';

const columns = 'id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt", backed_up AS "backedUp"';
const time = z.date().transform((date) => date.toISOString());
const row = z.object({
  id: z.uuid(),
  name: z.string(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  backedUp: z.boolean(),
});
const descriptorRow = z.object({ id: z.string(), transports: z.array(z.string()) });

/** The oldest first. */
export function passkeysOf(manager: EntityManager, userId: string): Promise<Passkey[]> {
  const sql = `SELECT ${columns} FROM passkeys WHERE user_id = $1 ORDER BY id`;
  return queryRows(manager, sql, [userId], row);
}

/** By what browsers find a person's passkeys. */
export async function descriptorsOf(manager: EntityManager, userId: string): Promise<PasskeyDescriptor[]> {
  const sql = 'SELECT credential_id AS id, transports FROM passkeys WHERE user_id = $1 ORDER BY passkeys.id';
  const found = await queryRows(manager, sql, [userId], descriptorRow);
  return found.map(({ id, transports }) => ({ type: 'public-key', id, transports }));
}

/** @returns undefined when the credential is here already, whoever's it is */
export async function insertPasskey(
  manager: EntityManager,
  userId: string,
  name: string,
  { credentialId, publicKey, counter, transports, deviceType, backedUp }: NewCredential,
): Promise<Passkey | undefined> {
  const sql = `
    INSERT INTO passkeys (id, user_id, name, credential_id, public_key, counter, transports, device_type, backed_up)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (credential_id) DO NOTHING RETURNING ${columns}`;
  const key = Buffer.from(publicKey);
  const values = [newId(), userId, name, credentialId, key, counter, transports, deviceType, backedUp];
  return (await queryRows(manager, sql, values, row))[0];
}

/** @returns undefined when the person has no such passkey */
export async function renamePasskeyOf(
  manager: EntityManager,
  userId: string,
  id: string,
  name: string,
): Promise<Passkey | undefined> {
  const sql = `UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2 RETURNING ${columns}`;
  return (await queryRows(manager, sql, [id, userId, name], row))[0];
}
