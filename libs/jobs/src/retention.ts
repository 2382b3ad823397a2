import { deleteInBatches } from '#libs/database';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { Every } from './handlers';
import { jobsOptions, type JobsOptions } from './options';
import { Queues } from './queues';

const cleanedAtOnce = 1_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Long enough to investigate what went wrong yesterday. No longer, because payloads can be personal data. */
const finishedOutboxMs = dayMs;
/** Longer than a row can be added again (21 days, see outbox.table.ts) and then be tried (4 days): else a repeat would act twice. */
const inboxMs = 30 * dayMs;
/** Until then BullMQ ignores a repeat of a finished job. By itself it forgets jobs only when another one finishes. */
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
    await deleteFinished(this.dataSource, Date.now() - finishedOutboxMs);
    await deleteProcessed(this.dataSource, Date.now() - inboxMs);
    for (const kind of ['events', 'jobs'] as const) {
      await this.queues.of(this.options.service, kind).clean(doneJobsMs, cleanedAtOnce, 'completed');
    }
  }
}

/**
 * Deletes events that were created before a time (ms since 1970) and that every subscriber has
 * acknowledged. The id contains the time, so no other index is needed.
 */
export function deleteFinished(dataSource: DataSource, beforeMs: number): Promise<void> {
  const isOpen = 'EXISTS (SELECT FROM outbox_deliveries WHERE event_id = id AND acknowledged_at IS NULL)';
  const where = `id < $1 AND NOT ${isOpen}`;
  const parameters = [firstIdOf(beforeMs)];
  return deleteInBatches(dataSource, { table: 'outbox', key: 'id', where, parameters, oldestFirst: 'id' });
}

export function deleteProcessed(dataSource: DataSource, beforeMs: number): Promise<void> {
  return deleteInBatches(dataSource, {
    table: 'inbox',
    key: 'event_id',
    where: 'processed_at < $1',
    parameters: [new Date(beforeMs)],
    oldestFirst: 'processed_at',
  });
}

function firstIdOf(milliseconds: number): string {
  return v7({ msecs: milliseconds, seq: 0, random: new Uint8Array(16) });
}
