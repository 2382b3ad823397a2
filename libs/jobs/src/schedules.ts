import { logger, logJob, reportError, runInContext } from '#libs/observability';
import type { Job } from 'bullmq';
import { freshContext } from './envelope';
import type { Schedule } from './handlers';
import { Loop } from './loop';
import { handled } from './metrics';
import { cappedBackoff, type Queues } from './queues';

const lookAgainMs = 60_000;

export const scheduleRetry = { attempts: 3, firstDelayMs: 5_000, longestDelayMs: 60_000 };

/**
 * Keeps BullMQ's schedulers in Redis as the code declares them, even after Redis loses its data. One
 * scheduler serves all replicas.
 */
export class Schedules {
  private readonly byName: ReadonlyMap<string, Schedule>;
  private readonly loop: Loop;
  private readonly wake = () => this.loop.wake();

  constructor(
    private readonly queues: Queues,
    private readonly service: string,
    schedules: readonly Schedule[],
  ) {
    this.byName = new Map(schedules.map((schedule) => [schedule.name, schedule]));
    this.loop = new Loop('Writing the schedules to Redis', lookAgainMs, () => this.synchronize());
  }

  start(): void {
    this.queues.connection.on('ready', this.wake);
    this.loop.start();
  }

  async stop(): Promise<void> {
    this.queues.connection.off('ready', this.wake);
    await this.loop.stop();
  }

  async run(job: Job): Promise<void> {
    const schedule = this.byName.get(job.name);
    // It belongs to another version of this service, which removes it or runs it next time.
    if (schedule === undefined) return;
    const startedAt = performance.now();
    await runInContext(freshContext(), async () => {
      try {
        await schedule.run();
        this.observe(job, 'done', startedAt);
      } catch (error) {
        const isLast = job.attemptsMade + 1 >= scheduleRetry.attempts;
        this.observe(job, isLast ? 'dead' : 'retrying', startedAt);
        if (isLast) reportError(error, { job: job.name });
        else logger().warn({ error, job: job.name }, 'an attempt failed');
        throw new Error(`${schedule.method} failed, more in the log`);
      }
    });
  }

  private async synchronize(): Promise<boolean> {
    if (this.queues.connection.status !== 'ready') return false;
    const queue = this.queues.of(this.service, 'schedules');
    // A run that takes longer than its interval must not overlap with the next one on any replica.
    await queue.setGlobalConcurrency(1);
    const existing = new Map((await queue.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]));
    for (const name of existing.keys()) if (!this.byName.has(name)) await queue.removeJobScheduler(name);
    for (const { name, timing } of this.byName.values()) {
      const wanted = 'everyMs' in timing ? { every: timing.everyMs } : { pattern: timing.pattern, tz: 'Etc/UTC' };
      const current = existing.get(name);
      if (current !== undefined && current.every === wanted.every && current.pattern === wanted.pattern) continue;
      const { attempts } = scheduleRetry;
      const opts = {
        attempts,
        backoff: { type: cappedBackoff },
        removeOnComplete: { count: 10 },
        removeOnFail: { count: 10 },
      };
      await queue.upsertJobScheduler(name, wanted, { name, opts: { ...opts, stackTraceLimit: 0 } });
    }
    return false;
  }

  private observe(job: Job, outcome: 'done' | 'retrying' | 'dead', startedAt: number): void {
    const durationMs = performance.now() - startedAt;
    handled.observe({ job: job.name, outcome }, durationMs / 1_000);
    logJob({ job: job.name, outcome, durationMs, attempt: job.attemptsMade + 1 });
  }
}
