import type { Caller } from './callers';
import type { Outcome, Refusal } from './outcome';
import type { Policy } from './policy';
import { allows, customPermissions, type Permission } from './roles';

interface Cell {
  /** `METHOD /path` */
  readonly route: string;
  readonly caller: Caller;
}

type Terms = Exclude<Policy, { readonly to: 'anyone' }>;
type Refuses = (terms: Terms, cell: Cell) => boolean;

/** In the order in which they are looked at, so that nobody learns more than they may know already. */
const refusals: readonly (readonly [Refusal, Refuses])[] = [
  ['unauthenticated', (_, { caller }) => caller.credential === 'none' || caller.ended],
  ['csrf_failed', (_, { route, caller }) => !route.startsWith('GET ') && caller.lacks !== null],
  ['insufficient_scope', ({ scope }, { caller }) => caller.credential === 'api_key' && !hasScope(caller, scope)],
  ['reauthentication_required', ({ recent }, { caller }) => recent && caller.stale],
  ['not_found', isHidden],
  ['organization_suspended', ({ to }, { caller }) => to === 'member' && caller.organization === 'suspended'],
  ['permission_denied', (terms, { caller }) => terms.to === 'member' && !isAllowed(caller, terms.permission)],
];

/** What a policy means for one caller of a route that has it. */
export function expected(policy: Policy, cell: Cell): Outcome {
  if (policy.to === 'anyone') return 'admitted';
  return refusals.find(([, refuses]) => refuses(policy, cell))?.[0] ?? 'admitted';
}

function hasScope(caller: Caller, scope: string | null): boolean {
  return scope !== null && caller.scope === 'right';
}

/** What is another's is not told apart from what does not exist. */
function isHidden(terms: Terms, { caller }: Cell): boolean {
  if (terms.to === 'person') return terms.own && caller.meddles;
  return caller.role === null || (caller.organization === 'being_deleted' && caller.role !== 'owner');
}

function isAllowed({ role }: Caller, permission: Permission | null): boolean {
  if (role === null) return false;
  if (role === 'other_custom') return permission === null;
  return role === 'custom' ? permission === null || customPermissions.includes(permission) : allows(role, permission);
}
