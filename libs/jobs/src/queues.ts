import type { EventContract } from '#libs/contracts';
import type { RedisConnection } from '#libs/redis';
import { Queue, type JobsOptions as BullJobOptions } from 'bullmq';
import { logger } from '#libs/observability';

/** In braces, so that a Redis Cluster keeps all keys of a script in one slot. */
export const keyPrefix = '{groundwork}';

/** Separate queues, so that slow jobs never delay events. */
export type QueueKind = 'events' | 'jobs' | 'schedules';

export function queueKindOf({ kind }: Pick<EventContract, 'kind'>): QueueKind {
  return kind === 'job' ? 'jobs' : 'events';
}

export function queueName(service: string, kind: QueueKind): string {
  return `${service}-${kind}`;
}

/** The worker computes the retry delay: see `retryDelayMs`. */
export const cappedBackoff = 'capped';

/**
 * The options of one delivery. Finished jobs are kept for a while for the dashboard. Jobs that failed all
 * attempts stay as dead letters.
 */
export function bullOptions(eventId: string, { retry }: Pick<EventContract, 'retry'>): BullJobOptions {
  return {
    jobId: eventId,
    attempts: retry.attempts,
    backoff: { type: cappedBackoff },
    removeOnComplete: { age: 3_600, count: 1_000 },
    removeOnFail: false,
    // Stacks are in the log. In Redis they could contain what a message quoted.
    stackTraceLimit: 0,
  };
}

/** The queues that this process adds to or reads, one object per queue, over one connection. */
export class Queues {
  private readonly open = new Map<string, Queue>();

  constructor(readonly connection: RedisConnection) {}

  of(service: string, kind: QueueKind): Queue {
    const name = queueName(service, kind);
    const known = this.open.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(name, {
      connection: this.connection,
      prefix: keyPrefix,
      // BullMQ's stream of events would keep 10,000 entries per queue, although no code here reads it.
      streams: { events: { maxLen: 100 } },
    });
    queue.on('error', (error) => logger().debug({ error }, `the queue ${name} has trouble with Redis`));
    this.open.set(name, queue);
    return queue;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.open.values()].map((queue) => queue.close()));
  }
}
