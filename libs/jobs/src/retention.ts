import { execute } from '#libs/database';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { Every } from './handlers';
import { jobsOptions, type JobsOptions } from './options';
import { Queues } from './queues';

const batchSize = 1_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Long enough to look into what went wrong yesterday. Payloads may be personal data: no longer than that. */
const finishedOutboxMs = dayMs;
/** Longer than a row can be added again (21 days, see outbox-table.ts) and then be tried (4 days): else a repeat would act twice. */
const inboxMs = 30 * dayMs;
/** Until then BullMQ ignores a repeat of a job that is done. By itself it forgets only when another job is done. */
const doneJobsMs = hourMs;

@Injectable()
export class JobsRetention {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queues: Queues,
    @Inject(jobsOptions) private readonly options: JobsOptions,
  ) {}

  @Every('jobs.retention', { everyMs: hourMs })
  async deleteOld(): Promise<void> {
    await deleteFinished(this.dataSource.manager, Date.now() - finishedOutboxMs);
    await deleteProcessed(this.dataSource.manager, Date.now() - inboxMs);
    for (const kind of ['events', 'jobs'] as const) {
      await this.queues.of(this.options.service, kind).clean(doneJobsMs, batchSize, 'completed');
    }
  }
}

/** Deletes events from before a time (ms since 1970) that every subscriber has acknowledged. The id holds the time: no other index is needed. */
export async function deleteFinished(manager: EntityManager, beforeMs: number): Promise<void> {
  const sql = `
    DELETE FROM outbox WHERE id IN (
      SELECT id FROM outbox WHERE id < $1 AND NOT EXISTS (
        SELECT FROM outbox_deliveries WHERE event_id = id AND acknowledged_at IS NULL
      ) ORDER BY id LIMIT ${batchSize})`;
  await inBatches(() => execute(manager, sql, [firstIdOf(beforeMs)]));
}

export async function deleteProcessed(manager: EntityManager, beforeMs: number): Promise<void> {
  const sql = `
    DELETE FROM inbox WHERE event_id IN (
      SELECT event_id FROM inbox WHERE processed_at < $1 ORDER BY processed_at LIMIT ${batchSize})`;
  await inBatches(() => execute(manager, sql, [new Date(beforeMs)]));
}

async function inBatches(deleteBatch: () => Promise<number>): Promise<void> {
  while ((await deleteBatch()) === batchSize);
}

function firstIdOf(milliseconds: number): string {
  return v7({ msecs: milliseconds, seq: 0, random: new Uint8Array(16) });
}
