import { RedisScript, type RedisConnection } from '#libs/redis';
import { z } from 'zod';

/**
 * Counts requests, each in the window that its first one started. KEYS: what is counted. ARGV: the milliseconds of each window.
 * Gives the count and the milliseconds left of the window, one pair after the other.
 */
const countAll = new RedisScript(`
local answer = {}
for index, key in ipairs(KEYS) do
  local hits = redis.call('INCR', key)
  local left = redis.call('PTTL', key)
  if left < 0 then
    left = tonumber(ARGV[index])
    redis.call('PEXPIRE', key, left)
  end
  answer[2 * index - 1] = hits
  answer[2 * index] = left
end
return answer`);

const numbers = z.array(z.int());
const patienceMs = 500;
/** One command carries no more than this many keys: Redis does nothing else meanwhile. */
const largestBatch = 256;

export interface WindowCount {
  readonly hits: number;
  readonly leftMs: number;
}

interface Waiting {
  readonly key: string;
  readonly windowMs: number;
  readonly resolve: (count: WindowCount) => void;
  readonly reject: (error: unknown) => void;
}

/** Counts in fixed windows in Redis. The requests that arrive in one turn of the event loop are counted by one command. */
export class WindowCounter {
  private waiting: Waiting[] = [];
  private underWay = 0;

  constructor(private readonly redis: RedisConnection) {}

  /** Rejects when Redis does not answer within half a second. */
  count(key: string, windowMs: number): Promise<WindowCount> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) this.scheduleFlush();
      // In a cluster, the keys of one command must be on one node.
      this.waiting.push({ key: `{rate-limit}:${key}`, windowMs, resolve, reject });
    });
  }

  /** At rest nothing else would fill the command: no need to wait for the end of the turn. */
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
      const keys = batch.map(({ key }) => key);
      const windows = batch.map(({ windowMs }) => windowMs);
      const answer = numbers.parse(await withinPatience(countAll.run(this.redis, keys, windows)));
      for (const [index, { resolve }] of batch.entries()) {
        resolve({ hits: answer[2 * index] ?? 0, leftMs: answer[2 * index + 1] ?? 0 });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.underWay -= 1;
    }
  }
}

function withinPatience<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Redis did not answer within ${patienceMs} ms.`)), patienceMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
