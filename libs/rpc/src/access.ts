import {
  platformRoles,
  ProblemError,
  recentSeconds,
  staffWithoutSecondFactor,
  type Actor,
  type RpcContract,
  type SessionActor,
  type StaffRole,
} from '#libs/contracts';

/** Clocks of hosts differ a little, so a sign-in can seem to be in the future. */
const clockLeewaySeconds = 60;

type AccessPolicy = Pick<RpcContract, 'access' | 'scope' | 'staffRole' | 'effect'>;

/**
 * Checks what a contract that is not `public` requires of its caller.
 * @throws ProblemError unauthenticated, insufficient_scope, permission_denied, staff_mfa_required,
 * impersonation_read_only, reauthentication_required
 */
export function requireAccess(contract: AccessPolicy, actor: Actor | null): void {
  if (actor === null) throw new ProblemError('unauthenticated');
  if (!isInScope(contract, actor)) throw new ProblemError('insufficient_scope');
  if (contract.access === 'staff') requireStaff(actor, contract.staffRole);
  if (actor.kind === 'session') requireOwnAct(contract, actor);
  if (contract.access === 'recent' && !isRecent(actor)) throw new ProblemError('reauthentication_required');
}

/** @throws ProblemError permission_denied, or staff_mfa_required if only the second factor is missing */
export function requireStaff({ roles }: Pick<Actor, 'roles'>, role: StaffRole): void {
  if (roles.includes(platformRoles.admin)) return;
  if (role === 'support' && roles.includes(platformRoles.support)) return;
  throw new ProblemError(roles.includes(staffWithoutSecondFactor) ? 'staff_mfa_required' : 'permission_denied');
}

function isInScope({ scope }: AccessPolicy, actor: Actor): boolean {
  return actor.kind === 'session' || (scope !== null && actor.scopes.includes(scope));
}

/** Impersonation never allows everything that the user can do. */
function requireOwnAct({ access, effect }: AccessPolicy, { impersonatorId, readOnly }: SessionActor): void {
  if (impersonatorId === undefined) return;
  const isOpen = effect === 'read' || (effect === 'write' && readOnly === false);
  if (!isOpen || access === 'recent') throw new ProblemError('impersonation_read_only');
}

/** An API key is stored somewhere, so it never proves that a user is present. */
function isRecent(actor: Actor): boolean {
  if (actor.kind === 'api_key') return false;
  const age = Date.now() / 1_000 - actor.authenticatedAt;
  return age < recentSeconds && age > -clockLeewaySeconds;
}
