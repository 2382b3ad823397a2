import type { Caller } from './callers';
import type { Outcome, Refusal } from './outcome';
import type { Policy } from './policy';

interface Cell {
  /** `METHOD /path` */
  readonly route: string;
  readonly caller: Caller;
}

type Terms = Exclude<Policy, { readonly to: 'anyone' }>;
type Refuses = (terms: Terms, cell: Cell) => boolean;

/** In the order in which they are looked at, which tells a caller no more than they may know already. */
const refusals: readonly (readonly [Refusal, Refuses])[] = [
  ['unauthenticated', (_, { caller }) => caller.credential === 'none' || caller.ended],
  ['insufficient_scope', ({ scope }, { caller }) => caller.credential === 'api_key' && !hasScope(caller, scope)],
  ['csrf_failed', (_, { route, caller }) => !route.startsWith('GET ') && caller.lacks !== null],
  ['reauthentication_required', ({ recent }, { caller }) => recent && caller.stale],
  ['not_found', ({ own }, { caller }) => own && caller.meddles],
];

/** What a policy means for one caller of a route that has it. */
export function expected(policy: Policy, cell: Cell): Outcome {
  if (policy.to === 'anyone') return 'admitted';
  return refusals.find(([, refuses]) => refuses(policy, cell))?.[0] ?? 'admitted';
}

function hasScope(caller: Caller, scope: string | null): boolean {
  return scope !== null && caller.scope === 'right';
}
