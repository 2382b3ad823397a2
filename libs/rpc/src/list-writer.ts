import type { RedisConnection } from '#libs/redis';
import type { Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    pushBounded(list: string, longest: number, timeToLiveMs: number, ...messages: string[]): Result<unknown, Context>;
  }
}

/**
 * Appends to a list with a maximum length that expires if nobody reads it.
 * KEYS: the list. ARGV: maximum length, time to live in milliseconds, the messages.
 * Returns how many of the messages were appended, counted from the first.
 */
const pushBounded = `
local room = tonumber(ARGV[1]) - redis.call('LLEN', KEYS[1])
local count = math.min(room, #ARGV - 2)
if count <= 0 then return 0 end
redis.call('RPUSH', KEYS[1], unpack(ARGV, 3, 2 + count))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return count
`;

/** Maximum number of messages in one command. */
const largestBatch = 256;

export type PushFailure = 'full' | 'unreachable';

interface Batch {
  readonly messages: string[];
  readonly onFailure: ((failure: PushFailure) => void)[];
}

/** Pushes messages to lists. Messages to the same list in one turn of the event loop share one command. */
export class ListWriter {
  private waiting = new Map<string, Batch>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly connection: RedisConnection,
    private readonly options: { greatestLength: number; timeToLiveMs: number },
  ) {
    connection.defineCommand('pushBounded', { numberOfKeys: 1, lua: pushBounded });
  }

  /**
   * @param onFailure called when the list is full, or when Redis did not confirm the message (it may have it
   * anyway)
   */
  push(key: string, message: string, onFailure: (failure: PushFailure) => void): void {
    if (this.waiting.size === 0) this.scheduleFlush();
    let batch = this.waiting.get(key);
    if (!batch) this.waiting.set(key, (batch = { messages: [], onFailure: [] }));
    batch.messages.push(message);
    batch.onFailure.push(onFailure);
  }

  /**
   * Under load, sends one command per turn of the event loop. When idle, sends at once, because no other
   * message would join the command.
   */
  private scheduleFlush(): void {
    if (this.underWay.size > 0) setImmediate(() => this.flush());
    else queueMicrotask(() => this.flush());
  }

  /** Resolves when all pushed messages have reached Redis or failed. */
  async settled(): Promise<void> {
    if (this.waiting.size > 0) this.flush();
    await Promise.all(this.underWay);
  }

  private flush(): void {
    const waiting = this.waiting;
    this.waiting = new Map();
    for (const [key, { messages, onFailure }] of waiting) {
      for (let start = 0; start < messages.length; start += largestBatch) {
        const end = start + largestBatch;
        this.track(this.send(key, { messages: messages.slice(start, end), onFailure: onFailure.slice(start, end) }));
      }
    }
  }

  private track(sending: Promise<void>): void {
    this.underWay.add(sending);
    void sending.finally(() => this.underWay.delete(sending));
  }

  private async send(key: string, { messages, onFailure }: Batch): Promise<void> {
    const { greatestLength, timeToLiveMs } = this.options;
    try {
      const accepted = await this.connection.pushBounded(key, greatestLength, timeToLiveMs, ...messages);
      if (accepted !== messages.length) for (const fail of onFailure.slice(Number(accepted))) fail('full');
    } catch {
      for (const fail of onFailure) fail('unreachable');
    }
  }
}
