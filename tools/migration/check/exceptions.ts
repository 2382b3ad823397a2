import type { Exception, Finding } from './finding';

const unreleased = 'Edited before the first release, when no database was kept.';

/** Findings that are fine, and why. */
export const exceptions: readonly Exception[] = [
  { service: 'auth', migration: 'CreateAccounts1764000000000', rule: 'edited:4bea70225212', reason: unreleased },
  { service: 'auth', migration: 'AddStaff1766700000000', rule: 'edited:eee20ed36077', reason: unreleased },
  { service: 'auth', migration: 'CreateAuditLog1767100000000', rule: 'edited:50e362577ceb', reason: unreleased },
  { service: 'auth', migration: 'BoundInvitations1767200000000', rule: 'edited:fe2c395b669f', reason: unreleased },
  { service: 'gateway', migration: 'CreateEdgeRecords1764000000000', rule: 'edited:18a7ebe13e9e', reason: unreleased },
];

/**
 * The newest migration of the first release. A database has had all up to it before it has rows and before a service runs, so a
 * lock holds nobody up, and no version before it can break.
 */
const newestOfFirstRelease = 1_767_400_000_000;

export function isOnEmptyDatabase({ migration, rule }: Finding): boolean {
  return rule.startsWith('squawk:') && Number(/\d{13}$/.exec(migration)?.[0] ?? Infinity) <= newestOfFirstRelease;
}
