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

  /** Sends the notifications in the rows' transaction, so that replicas are notified only about committed sessions. */
  @OnEvent(sessionsRevoked)
  async recordMany(
    { sessionIds, accessTokensExpireAt }: EventPayload<typeof sessionsRevoked>,
    { manager }: EventDelivery,
  ): Promise<void> {
    // Sorted by id, so that two events never wait for each other's rows.
    const ids = [...new Set(sessionIds)].toSorted();
    await recordRevoked(manager, ids, accessTokensExpireAt);
    const notices = ids.map((id) => `${id} ${accessTokensExpireAt}`);
    await execute(manager, 'SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice', [
      revocationChannel,
      notices,
    ]);
  }
}
