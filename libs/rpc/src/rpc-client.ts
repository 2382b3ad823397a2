import {
  ProblemError,
  type RequestContext,
  type RequestInput,
  type ResponseOf,
  type RpcContract,
} from '#libs/contracts';
import { currentContext, currentTraceparent, runInContext, withSpan } from '#libs/observability';
import { closeRedis, createRedis, type RedisConnection, type RedisOptions } from '#libs/redis';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { deadlineOf } from './deadline';
import { clientWakeKey, longestMessage, parseReply, problemOf, repliesKey, requestsKey } from './envelope';
import { ListReader } from './list-reader';
import { ListWriter, type PushFailure } from './list-writer';
import { observeCall, strayReplies } from './metrics';
import { RedisClock } from './redis-clock';
import { within } from './time-limit';

export interface RpcClientOptions {
  readonly redis: RedisOptions;
  /** How many requests can wait for one service. Others fail at once. Default 1,000. */
  readonly greatestQueueLength?: number;
}

export interface CallOptions {
  /** Default: the context of the current request, or an empty context with a new request id. */
  readonly context?: RequestContext;
  /** Default: the contract's timeout. Never longer than the time left to the current request. */
  readonly timeoutMs?: number;
}

/** The maximum timeout of a call. A queue that nobody reads expires after this time. */
export const longestTimeoutMs = 60_000;
const replyBatch = 128;

/**
 * Declared as methods, because TypeScript compares their parameters bivariantly and each call has its own
 * result type.
 */
interface Settlement {
  resolve(value: unknown): void;
  reject(error: ProblemError): void;
}

interface PendingCall extends Settlement {
  readonly contract: RpcContract;
  readonly startedAt: number;
  readonly timer: NodeJS.Timeout;
}

/** Calls the contracts of other services. Every call settles by its deadline, even if Redis or the service is down. */
@Injectable()
export class RpcClient implements OnModuleInit, OnApplicationShutdown {
  private readonly id = randomUUID();
  private readonly replyTo = repliesKey(this.id);
  private readonly pending = new Map<string, PendingCall>();
  private readonly commands: RedisConnection;
  private readonly blocking: RedisConnection;
  private readonly clock: RedisClock;
  private readonly writer: ListWriter;
  private readonly reader: ListReader;
  private calls = 0;
  private closed = false;

  constructor({ redis, greatestQueueLength = 1_000 }: RpcClientOptions) {
    this.commands = createRedis({ ...redis, name: `${redis.name}:rpc-client` }, 'command');
    this.blocking = createRedis({ ...redis, name: `${redis.name}:rpc-client` }, 'blocking');
    this.clock = new RedisClock(this.commands);
    this.writer = new ListWriter(this.commands, {
      greatestLength: greatestQueueLength,
      timeToLiveMs: longestTimeoutMs,
    });
    this.reader = new ListReader({
      connection: this.blocking,
      key: this.replyTo,
      wakeKey: clientWakeKey(this.id),
      smallestBatch: replyBatch,
      largestBatch: replyBatch,
      capacity: () => replyBatch,
      onMessages: (messages) => messages.forEach((message) => this.receive(message)),
      onError: () => undefined,
    });
    this.reader.start();
  }

  async onModuleInit(): Promise<void> {
    await this.whenConnected();
  }

  /** @returns false if Redis was not reachable in time; the client keeps trying */
  async whenConnected(timeoutMs = 5_000): Promise<boolean> {
    return within(timeoutMs, this.clock.synchronized);
  }

  /**
   * Sends a request and waits for the reply.
   * @throws ProblemError with a code of the contract, or `validation_failed`, `unauthenticated`,
   * `service_unavailable` (no reply in time, queue full, Redis down: the request may have run),
   * `internal_error`; `payload_too_large` if the request is over a megabyte
   */
  call<C extends RpcContract>(contract: C, input: RequestInput<C>, options: CallOptions = {}): Promise<ResponseOf<C>> {
    // The replica has parsed the value by the contract. Parsing it again would refuse fields that a newer
    // replica adds.
    const send = () =>
      new Promise<ResponseOf<C>>((resolve, reject) => this.send(contract, input, options, { resolve, reject }));
    return withSpan(contract.name, 'client', send);
  }

  private send(contract: RpcContract, input: unknown, options: CallOptions, settlement: Settlement): void {
    const startedAt = performance.now();
    const context = options.context ?? currentContext() ?? emptyContext();
    const timeoutMs = Math.min(
      options.timeoutMs ?? contract.timeoutMs,
      longestTimeoutMs,
      deadlineOf(context) - startedAt,
    );
    if (this.closed) return settlement.reject(unavailable(contract, 'this process is stopping'));
    if (timeoutMs <= 0) return settlement.reject(unavailable(contract, 'no time is left'));
    const id = (++this.calls).toString(36);
    const deadline = this.clock.now() + timeoutMs;
    const message = JSON.stringify({
      id,
      method: contract.name,
      replyTo: this.replyTo,
      deadline,
      context: traced(context),
      input,
    });
    if (message.length > longestMessage) return settlement.reject(new ProblemError('payload_too_large'));
    const timer = setTimeout(() => this.fail(id, `there was no reply within ${Math.round(timeoutMs)} ms`), timeoutMs);
    this.pending.set(id, { contract, startedAt, timer, ...settlement });
    this.writer.push(requestsKey(contract.service), message, (failure) => this.fail(id, reasons[failure]));
  }

  private receive(message: string): void {
    const reply = parseReply(message);
    const call = reply && this.settle(reply.id);
    // The reply is late, or no replica of ours wrote it.
    if (!reply || !call) return strayReplies.inc();
    observeCall(call.contract.name, reply.problem?.code ?? 'ok', performance.now() - call.startedAt);
    if (reply.problem) call.reject(problemOf(reply.problem));
    else call.resolve(reply.value);
  }

  private fail(id: string, reason: string): void {
    const call = this.settle(id);
    if (!call) return;
    observeCall(call.contract.name, 'service_unavailable', performance.now() - call.startedAt);
    call.reject(unavailable(call.contract, reason));
  }

  private settle(id: string): PendingCall | undefined {
    const call = this.pending.get(id);
    if (!call) return undefined;
    clearTimeout(call.timer);
    this.pending.delete(id);
    return call;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Refuses new calls and fails the pending ones. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.clock.close();
    for (const id of [...this.pending.keys()]) this.fail(id, 'this process is stopping');
    await this.writer.settled();
    await this.reader.stop(this.commands, 1_000);
    await Promise.all([closeRedis(this.commands), closeRedis(this.blocking)]);
  }
}

const reasons: Readonly<Record<PushFailure, string>> = {
  full: 'its queue is full',
  unreachable: 'Redis is away',
};

/** The reason is for this process's log only. Users see the message of the error catalogue. */
function unavailable(contract: RpcContract, reason: string): ProblemError {
  return new ProblemError('service_unavailable', {
    retryAfterSeconds: 1,
    cause: new Error(`${contract.name}: ${reason}`),
  });
}

function emptyContext(): RequestContext {
  return { requestId: randomUUID(), traceparent: null, actor: null, locale: 'en', client: null };
}

/**
 * Sends the current span, so that it becomes the parent of the server's span. Without tracing, keeps the
 * traceparent of the context.
 */
function traced(context: RequestContext): RequestContext {
  const traceparent = context === currentContext() ? currentTraceparent() : runInContext(context, currentTraceparent);
  return traceparent === context.traceparent ? context : { ...context, traceparent };
}
