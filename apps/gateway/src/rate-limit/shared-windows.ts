import type { RedisConnection } from '#libs/redis';
import type { Result } from 'ioredis';
import { z } from 'zod';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    grantRequests(windows: number, ...keysAndAsked: (string | number)[]): Result<unknown, Context>;
  }
}

/**
 * Grants requests of windows that start with their first request. KEYS: one per window. ARGV: limit,
 * milliseconds and wanted requests for each.
 * If a window has room, grants at least one and at most a twentieth of the rest, so that a replica that
 * does not use its grant wastes little.
 * Returns for each: requests granted, requests left for others, milliseconds left.
 */
const grantRequests = `
local reply = {}
for index, key in ipairs(KEYS) do
  local limit = tonumber(ARGV[3 * index - 2])
  local room = limit - tonumber(redis.call('GET', key) or '0')
  local granted = 0
  if room > 0 then
    granted = math.max(1, math.min(tonumber(ARGV[3 * index]), math.floor(room / 20)))
    redis.call('INCRBY', key, granted)
  end
  local left = redis.call('PTTL', key)
  if left < 0 then
    left = tonumber(ARGV[3 * index - 1])
    redis.call('PEXPIRE', key, left)
  end
  reply[3 * index - 2] = granted
  reply[3 * index - 1] = math.max(0, room - granted)
  reply[3 * index] = left
end
return reply`;

const numbers = z.array(z.int());
const patienceMs = 500;
/** Maximum windows per command, because Redis runs nothing else during a command. */
const largestBatch = 256;

export interface WindowRequest {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
  /** The maximum number of requests to grant. */
  readonly wanted: number;
}

export interface Grant {
  readonly granted: number;
  /** What remains of the window for all replicas. */
  readonly remaining: number;
  readonly leftMs: number;
}

interface Waiting extends WindowRequest {
  readonly resolve: (grant: Grant) => void;
  readonly reject: (error: unknown) => void;
}

/** Fixed windows in Redis, shared by all replicas. Requests of one turn of the event loop share one command. */
export class SharedWindows {
  private waiting: Waiting[] = [];
  private underWay = 0;

  constructor(private readonly redis: RedisConnection) {
    redis.defineCommand('grantRequests', { lua: grantRequests });
  }

  /** Rejects if Redis does not reply within half a second. */
  ask(request: WindowRequest): Promise<Grant> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) this.scheduleFlush();
      this.waiting.push({ ...request, resolve, reject });
    });
  }

  /** When idle, sends at once, because no other request would join the command. */
  private scheduleFlush(): void {
    if (this.underWay > 0) setImmediate(() => this.flush());
    else queueMicrotask(() => this.flush());
  }

  private flush(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (let start = 0; start < waiting.length; start += largestBatch) {
      void this.send(waiting.slice(start, start + largestBatch));
    }
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    this.underWay += 1;
    try {
      // In a cluster, the keys of one command must be on one node.
      const keys = batch.map(({ key }) => `{rate-limit}:${key}`);
      const asked = batch.flatMap(({ limit, windowMs, wanted }) => [limit, windowMs, wanted]);
      const reply = numbers.parse(await withinPatience(this.redis.grantRequests(keys.length, ...keys, ...asked)));
      for (const [index, { resolve }] of batch.entries()) {
        const [granted = 0, remaining = 0, leftMs = 0] = reply.slice(3 * index, 3 * index + 3);
        resolve({ granted, remaining, leftMs });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.underWay -= 1;
    }
  }
}

function withinPatience<T>(reply: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Redis did not respond within ${patienceMs} ms.`)), patienceMs);
    void reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
