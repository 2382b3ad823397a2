import { logout, type Session } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NamedSession } from './named-session';
import { sessionIdOf } from '../../edge/session-cookies';

/** Ends the session that a browser had before a new sign-in replaced its cookies (ASVS 5.0 7.2.4). */
@Injectable()
export class EarlierSessions {
  private readonly logger = new Logger('EarlierSessions');

  constructor(
    private readonly rpc: RpcClient,
    private readonly named: NamedSession,
  ) {}

  /** Never fails, because the sign-in has succeeded, and an earlier session that stays open still expires. */
  async end(request: FastifyRequest, current: Session): Promise<void> {
    try {
      const earlier = new Set(await this.named.inCookies(request));
      earlier.delete(sessionIdOf(current));
      await Promise.all([...earlier].map((sessionId) => this.rpc.call(logout, { sessionId })));
    } catch (error) {
      this.logger.warn(`The session that a browser had before it signed in again was not ended: ${String(error)}`);
    }
  }
}
