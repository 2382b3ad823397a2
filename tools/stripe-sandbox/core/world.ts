import type * as wire from '../wire';
import type { Task, TaskKind } from './agenda';
import { RealClock, FrozenClock, type Clock } from './clocks';
import { invalid } from './errors';
import { EventLog } from './event-log';
import { copyOf, previousAttributes } from './json';
import { internalTables, tables } from './tables';

export interface Settings {
  /** What becomes of a subscription when the last retry of a payment has failed. */
  afterLastRetry: 'cancel' | 'unpaid' | 'past_due' | 'pause';
  /** After how many days a SEPA payment is settled. */
  settlementDays: number;
}

/** What a lower part tells the parts above it. They are put together in sandbox.ts. */
export interface Hooks {
  invoicePaid: (world: World, invoice: wire.Invoice) => void;
  invoiceFailed: (world: World, invoice: wire.Invoice) => void;
  invoiceVoided: (world: World, invoice: wire.Invoice) => void;
  retriesExhausted: (world: World, invoice: wire.Invoice) => void;
  customerDeleted: (world: World, subscription: wire.Subscription) => void;
}

const noRequest = { id: null, idempotency_key: null };

/** Everything that this Stripe account has. All changes happen in one process, without waiting. */
export class World {
  readonly tables = tables();
  readonly internal = internalTables();
  readonly events = new EventLog();
  readonly realClock = new RealClock();
  readonly frozenClocks = new Map<string, FrozenClock>();
  readonly settings: Settings = { afterLastRetry: 'cancel', settlementDays: 3 };
  /** Where the hosted pages are. */
  origin = '';
  /** The request that is being answered. */
  request: wire.StripeEvent['request'] = noRequest;

  constructor(
    private readonly work: Readonly<Record<TaskKind, (world: World, id: string) => void>>,
    readonly hooks: Hooks,
  ) {}

  clock(testClock: string | null | undefined): Clock {
    if (testClock === null || testClock === undefined) return this.realClock;
    const clock = this.frozenClocks.get(testClock);
    if (clock === undefined) throw invalid(`The test clock '${testClock}' was deleted.`);
    return clock;
  }

  /** The clock of a customer and everything that belongs to it. */
  clockOf(customer: string | null): Clock {
    return this.clock(customer === null ? null : this.tables.customers.get(customer)?.test_clock);
  }

  now(customer: string | null): number {
    return this.clockOf(customer).now();
  }

  run({ kind, id }: Task): void {
    this.work[kind](this, id);
  }

  runDue(): void {
    const { agenda } = this.realClock;
    for (let task = agenda.take(this.realClock.now()); task !== undefined; task = agenda.take(this.realClock.now())) {
      this.run(task);
    }
  }

  /** Does `work` as part of a request, whose id its events carry. */
  during<T>(request: wire.StripeEvent['request'], work: () => T): T {
    this.request = request;
    try {
      return work();
    } finally {
      this.request = noRequest;
    }
  }

  emit(type: wire.EventType, object: object, previous?: Record<string, unknown>): void {
    const created = this.clockForEvent(object).now();
    const draft = { type, created, object, request: this.request };
    this.events.add(previous === undefined ? draft : { ...draft, previous });
  }

  /** Changes an object, and announces what changed. A change of nothing is not announced. */
  change<T extends object>(object: T, type: wire.EventType, work: () => void): T {
    const before = copyOf(object);
    work();
    const previous = previousAttributes(before, object);
    if (Object.keys(previous).length > 0) this.emit(type, object, previous);
    return object;
  }

  /** The clock of the customer that an object belongs to. */
  clockForEvent(object: unknown): Clock {
    if (typeof object !== 'object' || object === null) return this.realClock;
    const clock = 'test_clock' in object ? object.test_clock : undefined;
    const customer = 'customer' in object ? object.customer : undefined;
    if (typeof clock === 'string') return this.frozenClocks.get(clock) ?? this.realClock;
    if (typeof customer === 'string') return this.clockOf(customer);
    const own = 'id' in object && typeof object.id === 'string' ? this.frozenClocks.get(object.id) : undefined;
    return own ?? this.realClock;
  }
}
