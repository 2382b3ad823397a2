import type { Caller } from './callers';
import type { Outcome, Refusal } from './outcome';
import type { Policy } from './policy';
import { allows, customPermissions, type Permission } from './roles';

interface Cell {
  /** `METHOD /path` */
  readonly route: string;
  readonly caller: Caller;
}

type Terms = Exclude<Policy, { readonly to: 'anyone' | 'session' }>;
type Refuses = (terms: Terms, cell: Cell) => boolean;

export type Check = readonly [Refusal, Refuses];

const ofCredentials: readonly Check[] = [
  ['account_suspended', (_, { caller }) => caller.credential === 'api_key' && caller.gone === 'suspended'],
  ['unauthenticated', (_, { caller }) => caller.credential === 'none' || caller.gone !== null],
  ['csrf_failed', (_, cell) => !reads(cell) && cell.caller.lacks !== null],
  ['insufficient_scope', (terms, { caller }) => caller.credential === 'api_key' && !hasScope(caller, terms)],
];
const ofStaff: readonly Check[] = [
  ['staff_mfa_required', ({ to }, { caller }) => to === 'staff' && caller.staff === 'one_factor'],
  ['permission_denied', (terms, { caller }) => terms.to === 'staff' && !isOfStaff(caller, terms.role)],
];
const ofPeople: readonly Check[] = [
  ['impersonation_read_only', isNotForStaff],
  ['reauthentication_required', (terms, { caller }) => terms.to !== 'staff' && terms.recent && caller.stale],
  ['not_found', isHidden],
  ['organization_suspended', isClosed],
  ['permission_denied', (terms, { caller }) => terms.to === 'member' && !isAllowed(caller, terms.permission)],
  ['not_found', (terms, { caller }) => terms.to === 'member' && terms.inside && caller.strays],
];
/** In the order of the checks, so that callers learn no more than they may know. */
export const checks: readonly Check[] = [...ofCredentials, ...ofStaff, ...ofPeople];

/** The outcome that a policy means for one caller of its route, if these checks are made. */
export function expected(policy: Policy, cell: Cell, made = checks): Outcome {
  if (policy.to === 'anyone') return 'admitted';
  if (policy.to === 'session') return toSignOut(cell);
  return made.find(([, refuses]) => refuses(policy, cell))?.[0] ?? 'admitted';
}

function toSignOut({ caller: { credential, lacks } }: Cell): Outcome {
  if (credential === 'api_key') return 'insufficient_scope';
  return lacks === null ? 'admitted' : 'csrf_failed';
}

function reads({ route }: Cell): boolean {
  return route.startsWith('GET ');
}

function hasScope(caller: Caller, terms: Terms): boolean {
  return terms.to !== 'staff' && terms.scope !== null && caller.scope === 'right';
}

function isOfStaff({ staff }: Caller, role: 'support' | 'admin'): boolean {
  return staff === 'admin' || staff === role;
}

function isNotForStaff(terms: Terms, cell: Cell): boolean {
  const { acting } = cell.caller;
  if (acting === null || terms.to === 'staff') return false;
  return terms.recent || terms.acting === 'never' || (acting === 'looking' && !reads(cell));
}

/** Another's data is not distinguished from data that does not exist. */
function isHidden(terms: Terms, { caller }: Cell): boolean {
  if (terms.to === 'person') return terms.own && caller.meddles;
  if (terms.to === 'staff') return false;
  return caller.role === null || (caller.organization === 'being_deleted' && caller.role !== 'owner');
}

function isClosed(terms: Terms, { caller }: Cell): boolean {
  return terms.to === 'member' && !terms.evenSuspended && caller.organization === 'suspended';
}

function isAllowed({ role }: Caller, permission: Permission | null): boolean {
  if (role === null) return false;
  if (role === 'other_custom') return permission === null;
  return role === 'custom' ? permission === null || customPermissions.includes(permission) : allows(role, permission);
}
