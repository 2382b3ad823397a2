import { logger } from '#libs/observability';
import type { RedisConnection } from '#libs/redis';
import type { RetryPolicy } from '#libs/contracts';
import { Worker, type Job } from 'bullmq';
import type { Timings } from './options';
import { keyPrefix, queueName, type QueueKind } from './queues';

export interface WorkerSettings {
  readonly service: string;
  readonly kind: QueueKind;
  readonly concurrency: number;
  readonly timings: Timings;
  /** By the job's name, if it is known. */
  readonly retryOf: (name: string) => RetryPolicy | undefined;
}

/**
 * Deployments and crashes kill workers. A job whose worker dies this often is the cause itself and becomes
 * a dead letter.
 */
const mostStalls = 5;

const unknownRetry: RetryPolicy = { attempts: 1, firstDelayMs: 1_000, longestDelayMs: 600_000 };

/** A BullMQ worker that logs its problems and waits while Redis is down. */
export function startWorker(
  connection: RedisConnection,
  { service, kind, concurrency, timings, retryOf }: WorkerSettings,
  run: (job: Job) => Promise<void>,
): Worker {
  const name = queueName(service, kind);
  const worker = new Worker(name, (job) => run(job), {
    connection,
    prefix: keyPrefix,
    concurrency,
    lockDuration: timings.lock,
    stalledInterval: timings.stalledCheck,
    maxStalledCount: mostStalls,
    settings: {
      backoffStrategy: (attemptsMade, _type, _error, job) =>
        retryDelayMs(retryOf(job?.name ?? '') ?? unknownRetry, attemptsMade),
    },
  });
  // The connection logs its own losses.
  worker.on('error', (error) => logger().debug({ error }, `the worker of ${name} has trouble with Redis`));
  worker.on('lockRenewalFailed', (jobIds) => logger().warn({ jobIds }, 'jobs were given to another worker meanwhile'));
  return worker;
}

/**
 * Doubles the delay from the first to the longest, minus a random part of up to half, so that jobs that
 * failed together do not retry together.
 */
export function retryDelayMs({ firstDelayMs, longestDelayMs }: RetryPolicy, attemptsMade: number): number {
  const ceiling = Math.min(firstDelayMs * 2 ** Math.min(attemptsMade - 1, 30), longestDelayMs);
  return Math.ceil(ceiling * (0.5 + Math.random() / 2));
}

/**
 * Lets running handlers finish. A job that does not finish in time loses its lock later, and another
 * worker takes it over.
 */
export async function stopWorkers(workers: readonly Worker[], timeoutMs: number): Promise<void> {
  const closed = Promise.allSettled(workers.map(closeWorker));
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<'expired'>((resolve) => (timer = setTimeout(() => resolve('expired'), timeoutMs)));
  const result = await Promise.race([closed, expired]);
  clearTimeout(timer);
  if (result !== 'expired') return;
  logger().warn({ timeoutMs }, 'handlers were still running, or Redis was away, when the time to stop was over');
  await Promise.allSettled(workers.map((worker) => worker.backend.close(true)));
}

/**
 * BullMQ waits for its blocking connection, and ioredis never settles a command that is disconnected
 * between losing Redis and being ready again.
 */
async function closeWorker(worker: Worker): Promise<void> {
  const blocking = await worker.backend.blockingClient;
  if (blocking !== undefined && !['ready', 'end'].includes(blocking.status)) {
    await new Promise((resolve) => blocking.once('ready', resolve).once('end', resolve));
  }
  await worker.close();
}
