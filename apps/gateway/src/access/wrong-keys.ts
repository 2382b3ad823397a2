import { ProblemError } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config';
import { RedisThrottlerStorage } from '../rate-limit/redis-throttler.storage';

/** In production. Leaves time to notice for a program that uses a wrong or revoked key. */
const most = 60;
const windowMs = 60_000;
const name = 'wrong-keys';

/**
 * Counts the invalid API keys of an IP address over all replicas. Keys with a valid checksum cost a lookup
 * in auth, so after too many invalid ones no key of that IP address is looked up until the window ends.
 */
@Injectable()
export class WrongKeys {
  private readonly limit: number;

  constructor(
    config: GatewayConfig,
    private readonly windows: RedisThrottlerStorage,
  ) {
    this.limit = Math.max(1, Math.floor(most * config.rateLimitFactor));
  }

  /**
   * @param address the result of `addressOf`
   * @throws ProblemError rate_limited
   */
  refuseFlood(address: string): void {
    const seconds = this.windows.fullFor(windowOf(address));
    if (seconds !== undefined) throw new ProblemError('rate_limited', { retryAfterSeconds: seconds });
  }

  async count(address: string): Promise<void> {
    // Without Redis no key is looked up either.
    await this.windows.increment(windowOf(address), windowMs, this.limit, 0, name).catch(() => undefined);
  }
}

function windowOf(address: string): string {
  return `${name}:${address}`;
}
