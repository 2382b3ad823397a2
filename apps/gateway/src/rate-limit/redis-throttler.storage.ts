import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { GatewayRedis } from '../redis/gateway-redis';
import { WindowCounter } from './window-counter';

type Increment = ThrottlerStorage['increment'];

/** Lets @nestjs/throttler count in Redis, so that all replicas share the counts. */
@Injectable()
export class RedisThrottlerStorage implements ThrottlerStorage {
  private readonly counter: WindowCounter;

  constructor(redis: GatewayRedis) {
    this.counter = new WindowCounter(redis.connection);
  }

  /** @throws when Redis does not answer within half a second */
  async increment(...[key, ttlMs, limit]: Parameters<Increment>): ReturnType<Increment> {
    const { hits, leftMs } = await this.counter.count(key, ttlMs);
    const secondsLeft = Math.ceil(leftMs / 1_000);
    return { totalHits: hits, timeToExpire: secondsLeft, isBlocked: hits > limit, timeToBlockExpire: secondsLeft };
  }
}
