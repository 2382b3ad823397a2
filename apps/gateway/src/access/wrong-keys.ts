import { ProblemError } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config';
import { RedisThrottlerStorage } from '../rate-limit/redis-throttler.storage';

/** In production: a program that was given a wrong key, or a revoked one, has time to be told. */
const most = 60;
const windowMs = 60_000;
const name = 'wrong-keys';

/**
 * How many API keys an address has sent that are none. Whoever invents keys with a right checksum makes auth look each of them up: after too
 * many, no further key of that address is looked up until the window ends. All replicas count together.
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

  /** @param address as `addressOf` gives it @throws ProblemError rate_limited */
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
