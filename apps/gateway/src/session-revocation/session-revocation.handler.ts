import { sessionRevoked, sessionsRevoked, type EventPayload } from '#libs/contracts';
import { execute } from '#libs/database';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { revocationChannel } from './revoked-sessions';
import { recordRevoked } from './revoked-sessions.table';

@Injectable()
export class SessionRevocationHandler {
  @OnEvent(sessionRevoked)
  record(
    { sessionId, accessTokensExpireAt }: EventPayload<typeof sessionRevoked>,
    delivery: EventDelivery,
  ): Promise<void> {
    return this.recordMany({ sessionIds: [sessionId], accessTokensExpireAt }, delivery);
  }

  /** The notifications leave with the rows' transaction, so that no replica hears of a session it could not look up. */
  @OnEvent(sessionsRevoked)
  async recordMany(
    { sessionIds, accessTokensExpireAt }: EventPayload<typeof sessionsRevoked>,
    { manager }: EventDelivery,
  ): Promise<void> {
    // In the order of the ids, so that two events never wait for each other's rows.
    const ids = [...new Set(sessionIds)].toSorted();
    await recordRevoked(manager, ids, accessTokensExpireAt);
    const notices = ids.map((id) => `${id} ${accessTokensExpireAt}`);
    await execute(manager, 'SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice', [
      revocationChannel,
      notices,
    ]);
  }
}
