import type { RpcContract, ServiceName } from '#libs/contracts';

/**
 * Compares the contracts of a service with its registered handlers.
 * @param handled the pattern of every registered handler; duplicates are repeated
 * @throws Error with one sentence per contract that has no handler, has two, or belongs to another service
 */
export function checkHandlers(
  service: ServiceName,
  contracts: readonly RpcContract[],
  handled: readonly string[],
): void {
  const names = new Set(contracts.map((contract) => contract.name));
  const count = new Map<string, number>();
  for (const name of handled) count.set(name, (count.get(name) ?? 0) + 1);
  const faults = [
    ...[...names].filter((name) => !count.has(name)).map((name) => `${name} has no handler`),
    ...[...count].filter(([, times]) => times > 1).map(([name, times]) => `${name} has ${times} handlers`),
    ...[...count.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `${name} is handled here, but is no contract of this service`),
  ];
  if (faults.length > 0) throw new Error(`The service ${service} refuses to start: ${faults.join('; ')}.`);
}
