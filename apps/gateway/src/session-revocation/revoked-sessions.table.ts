import { execute } from '#libs/database';
import { Column, Entity, Index, PrimaryColumn, type EntityManager } from 'typeorm';

/** A session that ended before its access tokens expired. Kept until the last of them has expired. */
@Entity('revoked_sessions')
@Index('revoked_sessions_recorded_at', ['recordedAt'])
export class RevokedSession {
  @PrimaryColumn({ type: 'uuid' })
  sessionId!: string;

  @Column({ type: 'timestamptz' })
  accessTokensExpireAt!: Date;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  recordedAt!: Date;
}

/**
 * Keeps the later expiry.
 * @param sessionIds in the same order in all transactions
 */
export async function recordRevoked(
  manager: EntityManager,
  sessionIds: readonly string[],
  accessTokensExpireAt: string,
): Promise<void> {
  const sql = `INSERT INTO revoked_sessions (session_id, access_tokens_expire_at) SELECT unnest($1::uuid[]), $2
    ON CONFLICT (session_id) DO UPDATE SET recorded_at = clock_timestamp(),
      access_tokens_expire_at = greatest(revoked_sessions.access_tokens_expire_at, excluded.access_tokens_expire_at)`;
  await execute(manager, sql, [sessionIds, accessTokensExpireAt]);
}
