import { eventContractNamed, type EventContract, type ServiceName } from '#libs/contracts';
import type { EntityManager } from 'typeorm';
import type { Acknowledgements } from './acknowledgements';
import { Loop } from './loop';
import { acknowledged, relayed } from './metrics';
import type { Timings } from './options';
import { acknowledge, claimDue, markRelayed, type DueDelivery } from './outbox.table';
import { bullOptions, queueKindOf, queueName, type Queues } from './queues';

const batchSize = 200;
const acknowledgementBatchSize = 1_000;

/**
 * Moves the outbox to the subscribers' queues and reads their acknowledgements. Any number of relays can
 * run: rows are leased, not locked, so no transaction waits for Redis. Each batch takes two statements and
 * one pipeline per queue.
 */
export class OutboxRelay {
  private readonly deliveries: Loop;
  private readonly acknowledgements: Loop;

  constructor(
    private readonly service: ServiceName,
    private readonly manager: EntityManager,
    private readonly queues: Queues,
    private readonly returned: Acknowledgements,
    private readonly timings: Timings,
  ) {
    this.deliveries = new Loop('The outbox relay', timings.poll, () => this.relayBatch());
    this.acknowledgements = new Loop('The reading of acknowledgements', timings.poll, () =>
      this.noteAcknowledgements(),
    );
  }

  start(): void {
    this.deliveries.start();
    this.acknowledgements.start();
  }

  /** Tells the relay that the outbox has new rows. */
  wake(): void {
    this.deliveries.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.deliveries.stop(), this.acknowledgements.stop()]);
  }

  private async relayBatch(): Promise<boolean> {
    // While Redis is down, the rows stay unclaimed in their table until the connection is back.
    if (this.queues.connection.status !== 'ready') return false;
    const due = await claimDue(this.manager, batchSize, this.timings.lease);
    // An event of a newer version of this service waits for a replica that knows it.
    const known = due.flatMap((delivery) => withContract(delivery, eventContractNamed(delivery.event)));
    if (known.length === 0) return false;
    const batches = [...Map.groupBy(known, queueOf).values()];
    await Promise.all(batches.map((batch) => this.enqueue(batch)));
    await markRelayed(this.manager, known, this.timings);
    for (const { event } of known) relayed.inc({ event });
    return due.length === batchSize;
  }

  private async enqueue(batch: readonly KnownDelivery[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const jobs = batch.map(({ event, event_id, payload, context, contract }) => ({
      name: event,
      data: { producer: this.service, payload, context },
      opts: bullOptions(event_id, contract),
    }));
    await this.queues.of(first.subscriber, queueKindOf(first.contract)).addBulk(jobs);
  }

  private async noteAcknowledgements(): Promise<boolean> {
    if (this.queues.connection.status !== 'ready') return false;
    const read = await this.returned.read(this.service, acknowledgementBatchSize);
    if (read.members.length === 0) return false;
    acknowledged.inc(await acknowledge(this.manager, read.deliveries));
    await this.returned.remove(this.service, read.members);
    return read.members.length === acknowledgementBatchSize;
  }
}

type KnownDelivery = DueDelivery & { readonly contract: EventContract };

function withContract(delivery: DueDelivery, contract: EventContract | undefined): KnownDelivery[] {
  return contract === undefined ? [] : [{ ...delivery, contract }];
}

function queueOf({ subscriber, contract }: KnownDelivery): string {
  return queueName(subscriber, queueKindOf(contract));
}
