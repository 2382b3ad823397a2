import { RedisScript } from '#libs/redis';
import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { z } from 'zod';
import { GatewayRedis } from '../redis/gateway-redis';

/** Counts a request, and starts the window with the first one. Returns the count and the milliseconds until the window ends. */
const countScript = new RedisScript(`
local hits = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {hits, left}`);

const count = z.tuple([z.int(), z.int()]);
const patienceMs = 500;

type Increment = ThrottlerStorage['increment'];

/** Fixed windows in Redis, shared by all replicas: one command per request and policy. */
@Injectable()
export class RedisThrottlerStorage implements ThrottlerStorage {
  constructor(private readonly redis: GatewayRedis) {}

  /** @throws when Redis does not answer within half a second */
  async increment(...[key, ttlMs, limit]: Parameters<Increment>): ReturnType<Increment> {
    const counted = countScript.run(this.redis.connection, [`rate-limit:{${key}}`], [ttlMs]);
    const [hits, leftMs] = count.parse(await withinPatience(counted));
    const secondsLeft = Math.ceil(leftMs / 1_000);
    return { totalHits: hits, timeToExpire: secondsLeft, isBlocked: hits > limit, timeToBlockExpire: secondsLeft };
  }
}

function withinPatience<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Redis did not answer within ${patienceMs} ms.`)), patienceMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
