import { sessionRevoked, type EventPayload } from '#libs/contracts';
import { execute } from '#libs/database';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { revocationChannel } from './revoked-sessions';

@Injectable()
export class SessionRevocationHandler {
  /** The notification leaves with the row's transaction, so that no replica hears of a session it could not look up. */
  @OnEvent(sessionRevoked)
  async record(payload: EventPayload<typeof sessionRevoked>, { manager }: EventDelivery): Promise<void> {
    const { sessionId, accessTokensExpireAt } = payload;
    await execute(
      manager,
      `INSERT INTO revoked_sessions (session_id, access_tokens_expire_at) VALUES ($1, $2)
       ON CONFLICT (session_id) DO UPDATE SET recorded_at = clock_timestamp(),
         access_tokens_expire_at = greatest(revoked_sessions.access_tokens_expire_at, excluded.access_tokens_expire_at)`,
      [sessionId, accessTokensExpireAt],
    );
    await execute(manager, 'SELECT pg_notify($1, $2)', [revocationChannel, `${sessionId} ${accessTokensExpireAt}`]);
  }
}
