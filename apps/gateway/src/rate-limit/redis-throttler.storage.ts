import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { GatewayRedis } from './gateway-redis';
import { SharedWindows } from './shared-windows';

type Increment = ThrottlerStorage['increment'];
type Counted = Awaited<ReturnType<Increment>>;

/** The unused requests that were granted to this replica. None if the window is full. */
interface Holding {
  unused: number;
  /** Granted to this replica in this window, used or not. */
  granted: number;
  remaining: number;
  /** A time of `performance.now()`. */
  readonly endsAt: number;
}

/** A replica requests as many as it was granted before, up to this many. */
const largestGrant = 100;
const mostHoldings = 100_000;

/**
 * Counts for @nestjs/throttler in Redis, so that all replicas share the counts. A busy client is granted
 * several requests at a time, twice as many each time, so Redis is called a few times per window. No
 * window grants more than its limit.
 * A full window is remembered until its end, so a flood costs Redis nothing.
 */
@Injectable()
export class RedisThrottlerStorage implements ThrottlerStorage {
  private readonly windows: SharedWindows;
  private readonly holdings = new Map<string, Holding>();
  private readonly refills = new Map<string, Promise<void>>();

  constructor(redis: GatewayRedis) {
    this.windows = new SharedWindows(redis.connection);
  }

  /** @throws Error if Redis is needed and does not reply within half a second */
  async increment(...[key, windowMs, limit]: Parameters<Increment>): Promise<Counted> {
    for (;;) {
      const holding = this.holdings.get(key);
      if (holding !== undefined && holding.endsAt > performance.now()) {
        if (holding.unused > 0) {
          holding.unused -= 1;
          return describe(holding, limit, false);
        }
        if (holding.remaining === 0) return describe(holding, limit, true);
      }
      await this.refill(key, windowMs, limit);
    }
  }

  /**
   * Does not count.
   * @returns how many seconds a window stays full, as far as this replica knows; undefined if it is not full
   */
  fullFor(key: string): number | undefined {
    const holding = this.holdings.get(key);
    if (holding === undefined || holding.endsAt <= performance.now()) return undefined;
    return holding.unused > 0 || holding.remaining > 0 ? undefined : secondsLeft(holding);
  }

  /** Concurrent requests share the call. */
  private refill(key: string, windowMs: number, limit: number): Promise<void> {
    let refill = this.refills.get(key);
    if (refill === undefined) {
      refill = this.ask(key, windowMs, limit).finally(() => this.refills.delete(key));
      this.refills.set(key, refill);
    }
    return refill;
  }

  private async ask(key: string, windowMs: number, limit: number): Promise<void> {
    const before = this.holdings.get(key);
    const hadBefore = before !== undefined && before.endsAt > performance.now() ? before.granted : 0;
    const wanted = Math.min(Math.max(hadBefore, 1), largestGrant);
    const { granted, remaining, leftMs } = await this.windows.ask({ key, limit, windowMs, wanted });
    const endsAt = performance.now() + leftMs;
    this.holdings.delete(key);
    this.holdings.set(key, { unused: granted, granted: hadBefore + granted, remaining, endsAt });
    if (this.holdings.size > mostHoldings) this.forgetOldest();
  }

  private forgetOldest(): void {
    const [oldest] = this.holdings.keys();
    if (oldest !== undefined) this.holdings.delete(oldest);
  }
}

function secondsLeft({ endsAt }: Holding): number {
  return Math.max(1, Math.ceil((endsAt - performance.now()) / 1_000));
}

function describe(holding: Holding, limit: number, isBlocked: boolean): Counted {
  const { unused, remaining } = holding;
  const seconds = secondsLeft(holding);
  return { totalHits: limit - remaining - unused, timeToExpire: seconds, isBlocked, timeToBlockExpire: seconds };
}
