import { columnsOf, queryRows } from '#libs/database';
import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  IsNull,
  PrimaryColumn,
  Unique,
  type EntityManager,
} from 'typeorm';
import { z } from 'zod';
import { User } from '../account/user/users.table';

const mostKeys = 50;

/** A key that a user's programs call the API with. */
@Entity('api_keys')
@Unique(['hash'])
@Check('api_keys_scopes_check', 'cardinality(scopes) > 0')
@Index('api_keys_user_id_idx', { synchronize: false })
@Index('api_keys_ended_idx', { synchronize: false })
export class ApiKeyRecord {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Column('uuid') userId!: string;
  @Column('text') name!: string;
  /** The last characters of the key, so that its owner can recognize it. */
  @Column('text') hint!: string;
  @Column('text') hash!: string;
  @Column('text', { array: true }) scopes!: string[];
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) lastUsedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
}

const listed = columnsOf(ApiKeyRecord, ['id', 'name', 'hint', 'scopes', 'createdAt', 'expiresAt', 'lastUsedAt']);
export type ListedKey = z.output<typeof listed.row>;

const works = 'api_keys.revoked_at IS NULL AND api_keys.expires_at > now()';

/** One statement for every request with an API key. It writes at most once a minute, even with concurrent requests. */
export const verification = {
  name: 'verify-api-key',
  sql: `
    WITH key AS (
      SELECT api_keys.id, user_id, scopes, expires_at, suspended_at IS NOT NULL AS suspended,
        last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_due
      FROM api_keys JOIN users ON users.id = user_id
      WHERE hash = $1 AND ${works} AND email_verified_at IS NOT NULL
    ), touched AS (
      UPDATE api_keys SET last_used_at = now() FROM key
      WHERE api_keys.id = key.id AND is_due AND NOT suspended
        AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
    )
    SELECT id AS "apiKeyId", user_id AS "userId", scopes, expires_at AS "expiresAt", suspended FROM key`,
  row: columnsOf(ApiKeyRecord, ['userId', 'scopes', 'expiresAt']).row.and(
    z.object({ apiKeyId: z.uuid(), suspended: z.boolean() }),
  ),
};

const insertKeySql = `INSERT INTO api_keys (id, user_id, name, hint, hash, scopes, expires_at)
  SELECT $1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)
  WHERE (SELECT count(*) FROM api_keys WHERE user_id = $2 AND ${works}) < $8 RETURNING ${listed.list}`;

/** @returns undefined if the user has too many keys */
export async function insertKey(
  manager: EntityManager,
  { id, userId, name, hint, hash, scopes }: Pick<ApiKeyRecord, 'id' | 'userId' | 'name' | 'hint' | 'hash' | 'scopes'>,
  expiresInDays: number,
): Promise<ListedKey | undefined> {
  const values = [id, userId, name, hint, hash, scopes, expiresInDays, mostKeys];
  return (await queryRows(manager, insertKeySql, values, listed.row))[0];
}

const keysOfSql = `SELECT ${listed.list} FROM api_keys
  WHERE user_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;

/** Newest first. */
export function keysOf(
  manager: EntityManager,
  userId: string,
  after: string | null,
  limit: number,
): Promise<ListedKey[]> {
  return queryRows(manager, keysOfSql, [userId, after, limit], listed.row);
}

/** @returns the name; undefined if the user has no such key */
export async function revokeKeyOf(manager: EntityManager, userId: string, id: string): Promise<string | undefined> {
  const sql =
    'UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING name';
  return (await queryRows(manager, sql, [id, userId], z.object({ name: z.string() })))[0]?.name;
}

export async function revokeAllKeys(manager: EntityManager, userId: string): Promise<void> {
  await manager.update(ApiKeyRecord, { userId, revokedAt: IsNull() }, { revokedAt: () => 'now()' });
}
