import { reconnect, type RedisConnection } from '#libs/redis';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { within } from './time-limit';

/** How long Redis blocks a read while the list is empty. */
const patienceSeconds = 5;
/** A read that Redis has not ended this long after its timeout is stuck: the connection is dead. */
const graceMs = 5_000;
const pauseAfterErrorMs = 100;

export interface ListReaderOptions {
  /** Only this reader can use the connection, because its reads block. */
  readonly connection: RedisConnection;
  readonly key: string;
  /**
   * Read together with `key`: a push to it ends a blocking read. Unlike CLIENT UNBLOCK, that has no race and
   * works in a cluster.
   */
  readonly wakeKey: string;
  readonly smallestBatch: number;
  readonly largestBatch: number;
  /** How many messages can be read now. At 0 the reader waits for `resume`. */
  readonly capacity: () => number;
  readonly onMessages: (messages: readonly string[]) => void;
  /** Called when a read fails. The reader continues by itself. */
  readonly onError: (error: unknown) => void;
}

/**
 * Reads a list continuously, in small batches. A message leaves the list when it is read, so no other
 * reader gets it and it is never read twice.
 */
export class ListReader {
  private stopping = false;
  private running: Promise<void> | undefined;
  private wake: () => void = () => undefined;
  private batch: number;
  private readingSince: number | undefined;

  constructor(private readonly options: ListReaderOptions) {
    this.batch = options.smallestBatch;
  }

  start(): void {
    if (!this.stopping) this.running ??= this.run();
  }

  /** Tells the reader that there is capacity again. */
  resume(): void {
    this.wake();
  }

  private async run(): Promise<void> {
    const watch = setInterval(() => this.breakOffIfStuck(), 1_000);
    watch.unref();
    while (!this.stopping) {
      const capacity = this.options.capacity();
      if (capacity > 0) await this.read(Math.min(capacity, this.batch));
      else await this.rest();
    }
    clearInterval(watch);
  }

  private async read(count: number): Promise<void> {
    const { connection, key, wakeKey, onMessages, onError } = this.options;
    this.readingSince = performance.now();
    try {
      const popped = await connection.blmpop(patienceSeconds, 2, wakeKey, key, 'LEFT', 'COUNT', count);
      this.readingSince = undefined;
      const messages = popped && popped[0] === key ? popped[1] : [];
      this.adaptBatch(messages.length >= count);
      if (messages.length === 0) return;
      onMessages(messages);
      // Sends the commands that the messages caused first. Otherwise the next blocking read would go ahead of
      // them.
      await nextTurn();
    } catch (error) {
      this.readingSince = undefined;
      onError(error);
      await this.rest(pauseAfterErrorMs);
    }
  }

  /**
   * Reads small batches while the list is short, so that no replica is idle next to a busy one. With a
   * backlog no replica is idle, and larger batches cost less.
   */
  private adaptBatch(backlog: boolean): void {
    this.batch = backlog ? Math.min(this.batch * 2, this.options.largestBatch) : this.options.smallestBatch;
  }

  private rest(milliseconds?: number): Promise<void> {
    if (this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private breakOffIfStuck(): void {
    if (this.readingSince === undefined) return;
    if (performance.now() - this.readingSince < patienceSeconds * 1_000 + graceMs) return;
    this.readingSince = undefined;
    reconnect(this.options.connection);
  }

  /**
   * Stops without losing a batch: messages that Redis has already handed out are still passed on.
   * @param commands a connection that does not block
   * @param timeoutMs the connection is closed after this time, even if Redis does not respond
   */
  async stop(commands: RedisConnection, timeoutMs: number): Promise<void> {
    this.stopping = true;
    this.wake();
    if (!this.running) return;
    const { connection, wakeKey } = this.options;
    const woken = commands.multi().rpush(wakeKey, '').pexpire(wakeKey, 10_000).exec();
    woken.catch(() => undefined);
    if (!(await within(timeoutMs, this.running))) connection.disconnect();
    await this.running;
  }
}
