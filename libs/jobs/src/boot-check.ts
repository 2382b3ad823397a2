import type { EventContract, ServiceName } from '#libs/contracts';
import type { Discovered } from './handlers';

/**
 * @throws Error with one sentence that names every contract without a handler or with two, and every
 * duplicate schedule
 */
export function checkHandlers(service: ServiceName, contracts: readonly EventContract[], found: Discovered): void {
  const names = new Set(contracts.map(({ name }) => name));
  const handlers = Map.groupBy(found.handlers, ({ contract }) => contract.name);
  const schedules = Map.groupBy(found.schedules, ({ name }) => name);
  const faults = [
    ...[...names].filter((name) => !handlers.has(name)).map((name) => `${name} has no handler`),
    ...[...handlers, ...schedules]
      .filter(([, methods]) => methods.length > 1)
      .map(([name, methods]) => `${name} has ${methods.length} (${methods.map(({ method }) => method).join(', ')})`),
    ...[...handlers]
      .filter(([name]) => !names.has(name))
      .map(([name, [first]]) => `${name} is handled by ${first?.method}, but its contract does not name this service`),
  ];
  if (faults.length > 0) throw new Error(`The service ${service} refuses to start: ${faults.join('; ')}.`);
}
