import type { ServiceName } from '#libs/contracts';
import { closeRedis, createRedis, type RedisConnection, type RedisOptions } from '#libs/redis';
import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { parseRequest, requestsKey, serverWakeKey, type RequestEnvelope } from './envelope';
import { ListReader } from './list-reader';
import { ListWriter } from './list-writer';
import { dropped, measureQueue } from './metrics';
import { RedisClock } from './redis-clock';
import type { RequestRunner } from './request-runner';
import { within } from './time-limit';

export interface ReplicaOptions {
  readonly service: ServiceName;
  readonly redis: RedisOptions;
  /** How many requests this replica runs at once. It reads no more than that. */
  readonly concurrency: number;
}

/** A caller that has not read its replies for this long is gone. */
const replyTimeToLiveMs = 30_000;
const greatestReplyBacklog = 10_000;

/** One of the processes that share a service's queue. Reads as many requests as it can run and sends the replies. */
export class Replica {
  private readonly logger = new Logger('Rpc');
  private readonly commands: RedisConnection;
  private readonly blocking: RedisConnection;
  private readonly clock: RedisClock;
  private readonly writer: ListWriter;
  private readonly reader: ListReader;
  private readonly endMeasuring: () => void;
  private running = 0;
  private onIdle: () => void = () => undefined;
  private readTrouble: string | undefined;

  constructor(
    private readonly options: ReplicaOptions,
    private readonly runner: RequestRunner,
  ) {
    const { service, concurrency } = options;
    const redis = { ...options.redis, name: `${options.redis.name}:rpc-server` };
    this.commands = createRedis(redis, 'command');
    this.blocking = createRedis(redis, 'blocking');
    this.clock = new RedisClock(this.commands);
    this.writer = new ListWriter(this.commands, {
      greatestLength: greatestReplyBacklog,
      timeToLiveMs: replyTimeToLiveMs,
    });
    this.reader = new ListReader({
      connection: this.blocking,
      key: requestsKey(service),
      wakeKey: serverWakeKey(service, randomUUID()),
      smallestBatch: 4,
      largestBatch: 32,
      capacity: () => concurrency - this.running,
      onMessages: (messages) => this.receive(messages),
      onError: (error) => this.noteReadError(error),
    });
    this.endMeasuring = measureQueue(service, () => this.commands.llen(requestsKey(service)));
  }

  start(): void {
    // Without the clock, deadlines could not be checked.
    void this.clock.synchronized.then(() => this.reader.start());
  }

  /** Rejects if Redis does not respond. */
  ping(): Promise<unknown> {
    return this.commands.ping();
  }

  private receive(messages: readonly string[]): void {
    this.readTrouble = undefined;
    const now = this.clock.now();
    for (const message of messages) {
      const request = parseRequest(message);
      if (!request) this.drop('garbage');
      else if (request.deadline <= now) this.drop('expired');
      else void this.run(request, request.deadline - now);
    }
  }

  private async run(request: RequestEnvelope, timeLeftMs: number): Promise<void> {
    this.running++;
    await this.runner.run(request, timeLeftMs, (reply) =>
      this.writer.push(request.replyTo, reply, () => this.drop('unanswerable')),
    );
    this.running--;
    this.reader.resume();
    if (this.running === 0) this.onIdle();
  }

  private drop(reason: 'garbage' | 'expired' | 'unanswerable'): void {
    dropped.inc({ service: this.options.service, reason });
  }

  /** The connection itself logs lost connections. This logs other errors, such as a key of the wrong type. */
  private noteReadError(error: unknown): void {
    const trouble = error instanceof Error ? error.message : String(error);
    if (trouble !== this.readTrouble && this.blocking.status === 'ready')
      this.logger.error(`The queue cannot be read: ${trouble}`);
    this.readTrouble = trouble;
  }

  /**
   * Stops reading, finishes the requests that were read, sends their replies and disconnects.
   * @param timeoutMs gives up requests that are still running after this time
   */
  async drain(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    this.endMeasuring();
    await this.reader.stop(this.commands, Math.min(timeoutMs, 2_000));
    const idle = new Promise<void>((resolve) => (this.onIdle = resolve));
    if (this.running > 0 && !(await within(deadline - performance.now(), idle))) {
      this.logger.warn(`Left while ${this.running} requests were still running`);
    }
    await this.writer.settled();
    this.clock.close();
    await Promise.all([closeRedis(this.commands), closeRedis(this.blocking)]);
  }
}
