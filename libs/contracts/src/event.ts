import type { z } from 'zod';
import type { ServiceName } from './context';

/** A fact that one service announces and others act upon, at least once delivered, once done. */
export interface EventContract<Payload extends z.ZodType = z.ZodType> {
  /** `noun.past_participle`, unique over the suite. */
  readonly name: string;
  readonly subscribers: readonly ServiceName[];
  readonly payload: Payload;
  /** The payload holds a secret or a personal address: it is encrypted in the outbox and in Redis. */
  readonly confidential: boolean;
}

export type EventInput<E extends EventContract> = z.input<E['payload']>;
export type EventPayload<E extends EventContract> = z.output<E['payload']>;

const declared = new Map<string, EventContract>();

export function defineEvent<Payload extends z.ZodType>(
  name: string,
  contract: { subscribers: readonly ServiceName[]; payload: Payload; confidential: boolean },
): EventContract<Payload> {
  if (declared.has(name)) throw new Error(`The event contract ${name} is declared twice.`);
  const complete = { name, ...contract };
  declared.set(name, complete);
  return complete;
}

export function eventContractNamed(name: string): EventContract | undefined {
  return declared.get(name);
}

/** All events that a service subscribes to: it refuses to start unless each has exactly one handler. */
export function eventContractsFor(service: ServiceName): readonly EventContract[] {
  return [...declared.values()].filter((event) => event.subscribers.includes(service));
}
