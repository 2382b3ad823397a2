import type { EventContract, JobContract, RequestContext } from '#libs/contracts';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';

/** Passed to the handler of an event with the payload. */
export interface EventDelivery {
  /** The transaction that also records the event as done. Writes through it happen exactly once or not at all. */
  readonly manager: EntityManager;
  readonly eventId: string;
  /** The context of the request that led to the event. `currentContext()` returns the same. */
  readonly context: RequestContext;
}

/** Passed to the handler of a job with the payload. */
export interface JobDelivery {
  readonly jobId: string;
  readonly context: RequestContext;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** When a method runs: at an interval in milliseconds, or by a cron pattern in UTC. */
export type ScheduleTiming = { readonly everyMs: number } | { readonly pattern: string };

type HandlerDecorator<Method> = <M extends Method>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<M>,
) => void;
type Mark = { readonly contract: EventContract } | { readonly schedule: string; readonly timing: ScheduleTiming };

const marks = new WeakMap<object, Mark>();

/**
 * Makes a provider's method the handler of an event. It runs in the transaction that records the event as
 * done, so it must not reach outside the database: add a job to the outbox for that. It is retried if it
 * throws.
 */
export function OnEvent<Payload extends z.ZodType>(
  event: EventContract<Payload, 'event'>,
): HandlerDecorator<(payload: z.output<Payload>, delivery: EventDelivery) => Promise<void>> {
  return mark({ contract: event });
}

/**
 * Makes a provider's method the handler of a job. It runs outside a transaction, at least once. It runs
 * again after a crash or a lost acknowledgement, so it must check its own record of what it did.
 */
export function OnJob<Payload extends z.ZodType>(
  job: JobContract<Payload>,
): HandlerDecorator<(payload: z.output<Payload>, delivery: JobDelivery) => Promise<void>> {
  return mark({ contract: job });
}

/**
 * Runs a provider's method repeatedly, on one replica at a time.
 * @param name unique in the service
 */
export function Every(name: string, timing: ScheduleTiming): HandlerDecorator<() => Promise<void>> {
  return mark({ schedule: name, timing });
}

function mark(what: Mark) {
  return (_target: object, _key: string, { value }: { readonly value?: object }): void => {
    if (value !== undefined) marks.set(value, what);
  };
}

export interface Handler {
  readonly contract: EventContract;
  /** Such as `RegistrationHandler.onRequested`. */
  readonly method: string;
  run(payload: unknown, delivery: EventDelivery | JobDelivery): Promise<unknown>;
}

export interface Schedule {
  readonly name: string;
  readonly timing: ScheduleTiming;
  readonly method: string;
  run(): Promise<unknown>;
}

export interface Discovered {
  readonly handlers: readonly Handler[];
  readonly schedules: readonly Schedule[];
}

/** Finds the marked methods of all providers and controllers. */
export function discoverHandlers(discovery: DiscoveryService, scanner: MetadataScanner): Discovered {
  const handlers: Handler[] = [];
  const schedules: Schedule[] = [];
  for (const instance of instancesOf(discovery)) {
    for (const key of scanner.getAllMethodNames(Reflect.getPrototypeOf(instance))) {
      const method: unknown = Reflect.get(instance, key);
      const found = typeof method === 'function' ? marks.get(method) : undefined;
      if (typeof method !== 'function' || found === undefined) continue;
      const description = `${instance.constructor.name}.${key}`;
      const run = async (...args: unknown[]): Promise<unknown> => Reflect.apply(method, instance, args);
      if ('contract' in found) handlers.push({ contract: found.contract, method: description, run });
      else schedules.push({ name: found.schedule, timing: found.timing, method: description, run });
    }
  }
  return { handlers, schedules };
}

/** Returns each instance once, because an alias is another provider of the same instance. */
function instancesOf(discovery: DiscoveryService): Set<object> {
  const wrappers = [...discovery.getProviders(), ...discovery.getControllers()];
  const instances = new Set<object>();
  for (const wrapper of wrappers) {
    const instance: unknown = wrapper.isDependencyTreeStatic() ? wrapper.instance : undefined;
    if (typeof instance === 'object' && instance !== null && Reflect.getPrototypeOf(instance) !== null)
      instances.add(instance);
  }
  return instances;
}
