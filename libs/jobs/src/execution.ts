import type { EventContract, ServiceName } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { Fernet } from '#libs/encryption';
import { logger, logJob, reportError, runInContext, runWithTraceparent } from '#libs/observability';
import { UnrecoverableError, type Job } from 'bullmq';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Acknowledgements } from './acknowledgements';
import { envelope, faultsOf, freshContext, openPayload, type Envelope } from './envelope';
import { MalformedJobError, NoHandlerError, PermanentError } from './errors';
import type { Handler } from './handlers';
import { recordHandled } from './inbox.table';
import { handled } from './metrics';

type Outcome = 'done' | 'repeated';

const longestReason = 500;

/** Runs one delivery of an event or job: opens it, calls its handler once and acknowledges it to its producer. */
export class Execution {
  constructor(
    private readonly service: ServiceName,
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
    private readonly handlers: ReadonlyMap<string, Handler>,
    private readonly acknowledgements: Acknowledgements,
  ) {}

  /** @throws Error that BullMQ stores in Redis; for a confidential contract it only says where to look */
  async run(job: Job): Promise<void> {
    const startedAt = performance.now();
    const parsed = envelope.safeParse(job.data);
    const context = parsed.data?.context ?? freshContext();
    const deliver = async () => {
      try {
        if (!parsed.success) throw new MalformedJobError(`It is not what a relay adds: ${faultsOf(parsed.error)}.`);
        this.observe(job, await this.deliver(job, parsed.data), startedAt);
      } catch (error) {
        throw this.fail(job, error, startedAt);
      }
    };
    await runInContext(context, () => runWithTraceparent(context.traceparent, job.name, 'consumer', deliver));
  }

  private async deliver(job: Job, { producer, payload: sealed, context }: Envelope): Promise<Outcome> {
    const eventId = idOf(job);
    const handler = this.handlers.get(job.name);
    // Not permanent, because a newer replica may have a handler.
    if (handler === undefined)
      throw new NoHandlerError(`This version of ${this.service} has no handler for ${job.name}.`);
    const payload = openPayload(this.fernet, handler.contract, sealed);
    const outcome =
      handler.contract.kind === 'event'
        ? await this.dataSource.transaction(async (manager) => {
            if (!(await recordHandled(manager, eventId))) return 'repeated';
            await handler.run(payload, { manager, eventId, context });
            return 'done';
          })
        : await this.runOutside(eventId, () =>
            handler.run(payload, { jobId: eventId, context, attempt: job.attemptsMade + 1 }),
          );
    await this.acknowledgements.push(producer, { subscriber: this.service, event_id: eventId });
    return outcome;
  }

  /** A job is recorded as done after it has run, so the record can be missing. But if it exists, the job was done. */
  private async runOutside(jobId: string, work: () => Promise<unknown>): Promise<Outcome> {
    const { manager } = this.dataSource;
    const done = await queryRows(manager, 'SELECT event_id FROM inbox WHERE event_id = $1', [jobId], z.unknown());
    if (done.length > 0) return 'repeated';
    await work();
    await recordHandled(manager, jobId);
    return 'done';
  }

  private fail(job: Job, error: unknown, startedAt: number): Error {
    const isPermanent = error instanceof PermanentError;
    const isDead = isPermanent || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    this.observe(job, isDead ? 'dead' : 'retrying', startedAt);
    const reason = reasonOf(error, this.handlers.get(job.name)?.contract);
    if (!isDead) {
      logger().warn({ error, job: job.name, jobId: job.id }, 'an attempt failed');
      return new Error(reason);
    }
    const errorId = reportError(error, { job: job.name, jobId: job.id });
    const reasonWithId = `${reason} (error ${errorId})`;
    return isPermanent ? new UnrecoverableError(reasonWithId) : new Error(reasonWithId);
  }

  private observe(job: Job, outcome: Outcome | 'retrying' | 'dead', startedAt: number): void {
    const durationMs = performance.now() - startedAt;
    handled.observe({ job: job.name, outcome }, durationMs / 1_000);
    logJob({ job: job.name, outcome, durationMs, attempt: job.attemptsMade + 1 });
  }
}

function idOf(job: Job): string {
  const id = z.uuid().safeParse(job.id);
  if (!id.success) throw new MalformedJobError('Its id is not that of an event.');
  return id.data;
}

/** The reason that operators see in the list of dead letters. Messages of unknown errors can quote the payload. */
function reasonOf(error: unknown, contract: EventContract | undefined): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const isOurs = error instanceof MalformedJobError || error instanceof NoHandlerError;
  const isTold = isOurs || contract?.confidential === false;
  return isTold ? `${name}: ${message}`.slice(0, longestReason) : `${name}, more in the log`;
}
