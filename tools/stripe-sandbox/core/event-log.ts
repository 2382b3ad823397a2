import type { EventType, StripeEvent } from '../wire';
import { newId } from './ids';
import { apiVersion } from './version';

/** Stripe lists events for 30 days. */
const keptSeconds = 30 * 86_400;

export interface EventDraft {
  readonly type: EventType;
  readonly created: number;
  readonly object: unknown;
  readonly previous?: Record<string, unknown>;
  readonly request: StripeEvent['request'];
}

/** What is kept of an event: its object as text, which needs a third of the memory. */
interface Kept extends Omit<EventDraft, 'object'> {
  readonly object: string;
  pending: number;
}

/** All events of the last 30 days, and to how many endpoints each has still to be delivered. */
export class EventLog {
  private readonly kept = new Map<string, Kept>();
  private listener: (event: StripeEvent) => number = () => 0;

  /** @param listener returns to how many endpoints it will deliver the event */
  deliverBy(listener: (event: StripeEvent) => number): void {
    this.listener = listener;
  }

  add(draft: EventDraft): StripeEvent | undefined {
    return this.publish({ ...draft, object: JSON.stringify(draft.object), pending: 0 });
  }

  /** The same fact as a new event, as Stripe does now and then. */
  reissue(id: string): StripeEvent | undefined {
    const kept = this.kept.get(id);
    return kept === undefined ? undefined : this.publish({ ...kept, pending: 0 });
  }

  get(id: string): StripeEvent | undefined {
    const kept = this.kept.get(id);
    if (kept === undefined) return undefined;
    const object: unknown = JSON.parse(kept.object);
    const data = kept.previous === undefined ? { object } : { object, previous_attributes: kept.previous };
    const { created, request, type, pending: pending_webhooks } = kept;
    return {
      ...{ id, object: 'event', api_version: apiVersion, created, data },
      ...{ livemode: false, pending_webhooks, request, type },
    };
  }

  delivered(id: string): void {
    const kept = this.kept.get(id);
    if (kept !== undefined) kept.pending = Math.max(0, kept.pending - 1);
  }

  /** Newest first. */
  list(matches: (type: EventType, created: number, isDelivered: boolean) => boolean): { id: string }[] {
    const found = [...this.kept].filter(([, { type, created, pending }]) => matches(type, created, pending === 0));
    return found.reverse().map(([id]) => ({ id }));
  }

  private publish(entry: Kept): StripeEvent | undefined {
    this.forget(entry.created);
    const id = newId('evt');
    this.kept.set(id, entry);
    const event = this.get(id);
    if (event !== undefined) entry.pending = this.listener(event);
    return event;
  }

  private forget(now: number): void {
    for (const [id, { created }] of this.kept) {
      if (created > now - keptSeconds) return;
      this.kept.delete(id);
    }
  }
}
