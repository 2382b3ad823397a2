import type { RedisConnection } from '#libs/redis';
import { z } from 'zod';
import type { DeliveryKey } from './outbox.table';
import { keyPrefix } from './queues';

const members = z.array(z.string());
const member = z.object({ subscriber: z.string(), event_id: z.uuid() });

export interface ReadAcknowledgements {
  readonly members: readonly string[];
  /** The members that could be parsed. */
  readonly deliveries: readonly DeliveryKey[];
}

/**
 * What subscribers report to a producer: a Redis set of `subscriber/event id`. A relay of the producer
 * reads some, marks them in the outbox, then removes them. If it dies in between, the next relay repeats
 * this, which is harmless.
 */
export class Acknowledgements {
  constructor(private readonly connection: RedisConnection) {}

  async push(producer: string, { subscriber, event_id }: DeliveryKey): Promise<void> {
    await this.connection.sadd(keyOf(producer), `${subscriber}/${event_id}`);
  }

  async read(producer: string, limit: number): Promise<ReadAcknowledgements> {
    const found = members.parse(await this.connection.srandmember(keyOf(producer), limit));
    const deliveries = found.flatMap((text) => {
      const [subscriber, event_id] = text.split('/');
      const delivery = member.safeParse({ subscriber, event_id });
      return delivery.success ? [delivery.data] : [];
    });
    return { members: found, deliveries };
  }

  async remove(producer: string, noted: readonly string[]): Promise<void> {
    await this.connection.srem(keyOf(producer), ...noted);
  }
}

function keyOf(producer: string): string {
  return `${keyPrefix}:acknowledgements:${producer}`;
}
