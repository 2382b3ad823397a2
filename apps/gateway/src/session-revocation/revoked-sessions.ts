import { ProblemError, sessionRevoked } from '#libs/contracts';
import { Listener } from '#libs/database';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { z } from 'zod';
import { GatewayConfig } from '../config';

export const revocationChannel = 'session_revoked';

const pollMs = 400;
/** One second each. */
const startAttempts = 10;
/**
 * Without news for this long, a session could have been revoked for two seconds, so all tokens are refused
 * until news arrive.
 */
const blindMs = 2_000;
/** Rows get their time before their transaction commits, which PostgreSQL allows to idle for 30 s. */
const overlapSeconds = 35;
/** Longer than the lifetime of any access token. */
const everythingSeconds = 24 * 3600;

const row = z.object({ session_id: z.uuid(), access_tokens_expire_at: z.date() });

/**
 * The sessions that ended before their access tokens expired, in the memory of every replica. LISTEN
 * reports them at once, and polling every 400 ms covers lost notifications, so a lookup needs no query.
 * Uses its own connection, so that a busy pool does not cut this replica off.
 */
@Injectable()
export class RevokedSessions implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('RevokedSessions');
  /** Session id → expiry of its last access token, in ms since 1970. */
  private readonly sessions = new Map<string, number>();
  private syncedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  private readonly listener: Listener;

  constructor({ databaseDirectUrl }: GatewayConfig) {
    this.listener = new Listener({
      url: databaseDirectUrl,
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

  /** Gives a database that is still starting, or busy with the start of all services, some time. */
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

  /** @throws ProblemError service_unavailable if this replica has had no news for two seconds */
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
