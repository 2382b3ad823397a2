import type { z } from 'zod';
import type { ServiceName } from './context';

/** A fact that one service publishes. It is delivered at least once to each subscriber, and each handles it once. */
export interface EventContract<Payload extends z.ZodType = z.ZodType, Kind extends 'event' | 'job' = 'event' | 'job'> {
  /** `noun.past_participle`, unique in the suite. */
  readonly name: string;
  readonly kind: Kind;
  readonly subscribers: readonly ServiceName[];
  readonly payload: Payload;
  /** The payload holds a secret or personal data, so it is encrypted in the outbox and in Redis. */
  readonly confidential: boolean;
  readonly retry: RetryPolicy;
}

/**
 * Work that reaches external systems (SMTP, Stripe), which transactions can't cover. It runs at least
 * once, in any replica of its service.
 */
export type JobContract<Payload extends z.ZodType = z.ZodType> = EventContract<Payload, 'job'>;

/**
 * The delay after a failure doubles from the first to the longest. After `attempts` failures the message
 * becomes a dead letter.
 */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export type EventInput<E extends EventContract> = z.input<E['payload']>;
export type EventPayload<E extends EventContract> = z.output<E['payload']>;

/** About an hour and a half: longer than a restart of the database, and short enough to report a bug the same day. */
const eventRetry: RetryPolicy = { attempts: 20, firstDelayMs: 500, longestDelayMs: 600_000 };

const declared = new Map<string, EventContract>();

export function defineEvent<Payload extends z.ZodType>(
  name: string,
  contract: { subscribers: readonly ServiceName[]; payload: Payload; confidential: boolean; retry?: RetryPolicy },
): EventContract<Payload, 'event'> {
  return declare({ name, kind: 'event', retry: eventRetry, ...contract });
}

/** @param name `noun.verb`, unique in the suite */
export function defineJob<Payload extends z.ZodType>(
  name: string,
  contract: { service: ServiceName; payload: Payload; confidential: boolean; retry: RetryPolicy },
): JobContract<Payload> {
  const { service, ...rest } = contract;
  return declare({ name, kind: 'job', subscribers: [service], ...rest });
}

function declare<Contract extends EventContract>(contract: Contract): Contract {
  if (declared.has(contract.name)) throw new Error(`The event contract ${contract.name} is declared twice.`);
  declared.set(contract.name, contract);
  return contract;
}

export function eventContractNamed(name: string): EventContract | undefined {
  return declared.get(name);
}

/** All events and jobs of a service. The service refuses to start unless each has exactly one handler. */
export function eventContractsFor(service: ServiceName): readonly EventContract[] {
  return [...declared.values()].filter((event) => event.subscribers.includes(service));
}
