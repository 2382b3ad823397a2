import type { ServiceName } from '#libs/contracts';
import type { Job, Queue } from 'bullmq';
import { Acknowledgements } from './acknowledgements';
import { envelope } from './envelope';
import { queueName, type Queues } from './queues';

/** An event or job that has failed for good, and waits for an operator in BullMQ's failed set. */
export interface DeadLetter {
  readonly id: string;
  /** The contract's name. */
  readonly name: string;
  readonly queue: string;
  readonly producer: string | undefined;
  readonly requestId: string | undefined;
  readonly reason: string;
  readonly attempts: number;
  readonly failedAt: Date;
}

const kinds = ['events', 'jobs'] as const;

export class DeadLetters {
  private readonly acknowledgements: Acknowledgements;

  constructor(private readonly queues: Queues) {
    this.acknowledgements = new Acknowledgements(queues.connection);
  }

  /** The newest first. @param limit per queue, of which a service has two */
  async list(service: ServiceName, limit: number): Promise<DeadLetter[]> {
    const failed = await Promise.all(kinds.map((kind) => this.queues.of(service, kind).getFailed(0, limit - 1)));
    const letters = failed.flat().map(describe);
    return letters.sort((a, b) => b.failedAt.getTime() - a.failedAt.getTime());
  }

  /** Gives it all its attempts again, under the same id. @returns false when the service has no such dead letter */
  async replay(service: ServiceName, id: string): Promise<boolean> {
    const found = await this.find(service, id);
    await found?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    return found !== undefined;
  }

  /** Forgets it, and tells its producer that it is finished, which would add it again otherwise. @returns false as replay does */
  async drop(service: ServiceName, id: string): Promise<boolean> {
    const found = await this.find(service, id);
    if (found === undefined) return false;
    const parsed = envelope.safeParse(found.data);
    if (parsed.success) await this.acknowledgements.push(parsed.data.producer, { subscriber: service, event_id: id });
    await found.remove();
    return true;
  }

  /** Per queue of the service. */
  async count(service: ServiceName): Promise<Map<string, number>> {
    const counts = await Promise.all(kinds.map((kind) => this.queues.of(service, kind).getFailedCount()));
    return new Map(kinds.map((kind, index) => [queueName(service, kind), counts[index] ?? 0]));
  }

  private async find(service: ServiceName, id: string): Promise<Job | undefined> {
    for (const kind of kinds) {
      const job = await jobOf(this.queues.of(service, kind), id);
      if (job !== undefined && (await job.isFailed())) return job;
    }
    return undefined;
  }
}

async function jobOf(queue: Queue, id: string): Promise<Job | undefined> {
  return queue.getJob(id);
}

function describe(job: Job): DeadLetter {
  const { data } = envelope.safeParse(job.data);
  return {
    id: job.id ?? '',
    name: job.name,
    queue: job.queueName,
    producer: data?.producer,
    requestId: data?.context.requestId,
    reason: job.failedReason,
    attempts: job.attemptsMade,
    failedAt: new Date(job.finishedOn ?? job.timestamp),
  };
}
