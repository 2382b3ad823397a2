import { ProblemError, sessionRevoked } from '#libs/contracts';
import { Listener } from '#libs/database';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { z } from 'zod';
import { GatewayConfig } from '../config';

export const revocationChannel = 'session_revoked';

const pollMs = 400;
/** Of a second each. */
const startAttempts = 10;
/** Without news for this long, a session may have been revoked for two seconds: nobody is believed until there are news again. */
const blindMs = 2_000;
/** Rows are stamped before their transaction commits, which may be as late as PostgreSQL lets a transaction idle (30 s). */
const overlapSeconds = 35;
/** Longer than any access token lives. */
const everythingSeconds = 24 * 3600;

const row = z.object({ session_id: z.uuid(), access_tokens_expire_at: z.date() });

/**
 * The sessions that ended before their access tokens did, in the memory of every replica: told by LISTEN at once, and read again
 * every 400 ms in case a notification was lost. Looking one up costs no query. The connection is its own, so that a busy pool
 * does not make this replica blind.
 */
@Injectable()
export class RevokedSessions implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('RevokedSessions');
  /** Session id → when its last access token expires, in ms since 1970. */
  private readonly sessions = new Map<string, number>();
  private syncedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  private readonly listener: Listener;

  constructor({ databaseUrl }: GatewayConfig) {
    this.listener = new Listener({
      url: databaseUrl,
      name: 'groundwork gateway revoked sessions',
      channel: revocationChannel,
      connectTimeoutMs: 1_000,
      queryTimeoutMs: 1_000,
      onNotification: (payload) => this.hear(payload),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.readFirst();
    this.schedule();
  }

  /** A database that is just coming up, or busy with everybody's start, is given its time. */
  private async readFirst(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.read();
      } catch (error) {
        void this.listener.disconnect();
        if (attempt === startAttempts) throw error;
      }
    }
  }

  /** @throws ProblemError service_unavailable when this replica has had no news for two seconds */
  has(sessionId: string): boolean {
    this.requireNews();
    return this.sessions.has(sessionId);
  }

  /** @throws ProblemError service_unavailable */
  requireNews(): void {
    if (performance.now() - this.syncedAt <= blindMs) return;
    throw new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    void this.listener.stop();
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.poll(), pollMs);
  }

  private async poll(): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      void this.listener.disconnect();
      if (!this.stopped) this.logger.warn(`Revoked sessions could not be read, and are tried again: ${String(error)}`);
    }
    if (!this.stopped) this.schedule();
  }

  private async read(): Promise<void> {
    const startedAt = performance.now();
    const connection = await this.listener.connection();
    const sinceSeconds = Math.min((startedAt - this.syncedAt) / 1_000 + overlapSeconds, everythingSeconds);
    const { rows } = await connection.query(
      `SELECT session_id, access_tokens_expire_at FROM revoked_sessions
       WHERE recorded_at > now() - make_interval(secs => $1) AND access_tokens_expire_at > now()`,
      [sinceSeconds],
    );
    for (const { session_id, access_tokens_expire_at } of z.array(row).parse(rows)) {
      this.remember(session_id, access_tokens_expire_at);
    }
    this.syncedAt = startedAt;
    this.forgetExpired();
  }

  private hear(notice: string): void {
    const [sessionId, accessTokensExpireAt] = notice.split(' ');
    const parsed = sessionRevoked.payload.safeParse({ sessionId, accessTokensExpireAt });
    if (parsed.success) this.remember(parsed.data.sessionId, new Date(parsed.data.accessTokensExpireAt));
  }

  private remember(sessionId: string, expireAt: Date): void {
    this.sessions.set(sessionId, Math.max(expireAt.getTime(), this.sessions.get(sessionId) ?? 0));
  }

  private forgetExpired(): void {
    const now = Date.now();
    for (const [sessionId, expireAt] of this.sessions) if (expireAt <= now) this.sessions.delete(sessionId);
  }
}
