import type { EventContract, EventInput } from '#libs/contracts';
import { newId } from '#libs/database';
import type { Fernet } from '#libs/encryption';
import type { EntityManager } from 'typeorm';
import { contextToStore, sealPayload } from './envelope';
import { insertEvent } from './outbox.table';

/** The channel of NOTIFY, in the service's own database. */
export const outboxChannel = 'outbox';

/** Announces events and adds jobs as rows of the caller's transaction. */
export class Outbox {
  constructor(private readonly fernet: Fernet) {}

  /**
   * Uses one statement. The handlers run in the context of the current request (id, trace, actor, locale).
   * An event without subscribers is validated and dropped: later subscribers only get later events.
   * @param manager the manager of the transaction that makes the event true
   * @returns the event's id
   * @throws Error if the payload does not fit the contract or is over 64 kB
   */
  async add<E extends EventContract>(manager: EntityManager, contract: E, payload: EventInput<E>): Promise<string> {
    if (manager.queryRunner?.isTransactionActive !== true) {
      throw new Error(
        `${contract.name} was added to the outbox outside a transaction: pass the transaction's manager.`,
      );
    }
    const id = newId();
    const sealed = sealPayload(this.fernet, contract, payload);
    if (contract.subscribers.length === 0) return id;
    const event = { id, event: contract.name, payload: sealed, context: contextToStore() };
    await insertEvent(manager, event, contract.subscribers, outboxChannel);
    return id;
  }
}
