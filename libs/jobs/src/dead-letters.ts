import { eventContractNamed, type ServiceName } from '#libs/contracts';
import type { Job, Queue } from 'bullmq';
import { Acknowledgements } from './acknowledgements';
import { envelope } from './envelope';
import { queueName, type Queues } from './queues';

/**
 * An event or job that failed all its attempts. It stays in BullMQ's failed set until an operator replays
 * or drops it.
 */
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

/** A dead letter with the service that failed to handle it. */
export interface PlacedLetter extends DeadLetter {
  readonly service: ServiceName;
}

/** The position after which a list continues. `failedAt` is in milliseconds since 1970. */
export interface LetterPosition {
  readonly failedAt: number;
  readonly queue: string;
  readonly id: string;
}

const kinds = ['events', 'jobs'] as const;
const mostPerQueue = 1_000;

export class DeadLetters {
  private readonly acknowledgements: Acknowledgements;

  constructor(private readonly queues: Queues) {
    this.acknowledgements = new Acknowledgements(queues.connection);
  }

  /**
   * Newest first.
   * @param limit per queue; a service has two
   */
  async list(service: ServiceName, limit: number): Promise<DeadLetter[]> {
    const failed = await Promise.all(kinds.map((kind) => this.queues.of(service, kind).getFailed(0, limit - 1)));
    const letters = failed.flat().map(describe);
    return letters.sort((a, b) => b.failedAt.getTime() - a.failedAt.getTime());
  }

  /** Returns dead letters of several services in one order, newest first. At most the thousand newest of each queue. */
  async page(services: readonly ServiceName[], limit: number, after?: LetterPosition): Promise<PlacedLetter[]> {
    const queues = services.flatMap((service) =>
      kinds.map((kind) => ({ service, queue: this.queues.of(service, kind) })),
    );
    const found = await Promise.all(queues.map((each) => this.positions(each, after)));
    const shown = found.flat().sort(newestFirst).slice(0, limit);
    const letters = await Promise.all(shown.map(letterAt));
    return letters.flatMap((letter) => letter ?? []);
  }

  /**
   * @returns the dead letter with its payload unless it is confidential; undefined if the service has no
   * such dead letter
   */
  async inspect(service: ServiceName, id: string): Promise<(PlacedLetter & { payload: unknown }) | undefined> {
    const found = await this.find(service, id);
    return found === undefined ? undefined : { ...describe(found), service, payload: openly(found) };
  }

  /**
   * Restarts all its attempts under the same id.
   * @returns false if the service has no such dead letter
   */
  async replay(service: ServiceName, id: string): Promise<boolean> {
    const found = await this.find(service, id);
    await found?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    return found !== undefined;
  }

  /**
   * Removes it and tells its producer that it is finished, so that the producer does not add it again.
   * @returns false if the service has no such dead letter
   */
  async drop(service: ServiceName, id: string): Promise<boolean> {
    const found = await this.find(service, id);
    if (found === undefined) return false;
    const parsed = envelope.safeParse(found.data);
    if (parsed.success) await this.acknowledgements.push(parsed.data.producer, { subscriber: service, event_id: id });
    await found.remove();
    return true;
  }

  /** Counts per queue of the service. */
  async count(service: ServiceName): Promise<Map<string, number>> {
    const counts = await Promise.all(kinds.map((kind) => this.queues.of(service, kind).getFailedCount()));
    return new Map(kinds.map((kind, index) => [queueName(service, kind), counts[index] ?? 0]));
  }

  /** Reads only ids and times, because the jobs can be large. */
  private async positions(owner: Owner, after: LetterPosition | undefined): Promise<Placed[]> {
    const latest = after?.failedAt ?? '+inf';
    const flat = await this.queues.connection.zrevrangebyscore(
      owner.queue.toKey('failed'),
      latest,
      '-inf',
      'WITHSCORES',
      'LIMIT',
      0,
      mostPerQueue,
    );
    const placed = pairs(flat).map(([id, failedAt]) => ({
      owner,
      id,
      failedAt: Number(failedAt),
      queue: owner.queue.name,
    }));
    return after === undefined ? placed : placed.filter((each) => newestFirst(after, each) < 0);
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

interface Owner {
  readonly service: ServiceName;
  readonly queue: Queue;
}

interface Placed extends LetterPosition {
  readonly owner: Owner;
}

function newestFirst(a: LetterPosition, b: LetterPosition): number {
  if (a.failedAt !== b.failedAt) return b.failedAt - a.failedAt;
  const [first, second] = [`${a.queue}/${a.id}`, `${b.queue}/${b.id}`];
  return first === second ? 0 : first < second ? 1 : -1;
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((value, index) => (index % 2 === 0 ? [[value, flat[index + 1] ?? '0']] : []));
}

/** Undefined if it was replayed or dropped in the meantime. */
async function letterAt({ owner, id, failedAt }: Placed): Promise<PlacedLetter | undefined> {
  const job = await jobOf(owner.queue, id);
  return job === undefined ? undefined : { ...describe(job), service: owner.service, failedAt: new Date(failedAt) };
}

/** Returns the payload of a job, unless its contract is confidential or unknown here. */
function openly({ name, data }: Job): unknown {
  const parsed = envelope.safeParse(data);
  if (!parsed.success || eventContractNamed(name)?.confidential !== false) return null;
  try {
    return JSON.parse(parsed.data.payload);
  } catch {
    return null;
  }
}
