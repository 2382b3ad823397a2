/** A plausible mistake in a guard, a contract or a policy: `find`, which occurs once in `file`, becomes `replace`. */
export interface Mutant {
  readonly what: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const access = 'libs/rpc/src/access.ts';
const gatewayGuard = 'apps/gateway/src/access/access.guard.ts';
const authentication = 'apps/gateway/src/access/authentication.guard.ts';
const csrf = 'apps/gateway/src/edge/csrf.ts';
const tokens = 'apps/auth/src/session/access-token/access-token.service.ts';
const tenants = 'apps/auth/src/organization/organization/organization-access.ts';
const routes = 'tools/access-matrix/routes.ts';
const contracts = 'libs/contracts/src/auth';

type Change = readonly [find: string, replace: string];

const mutant = (what: string, file: string, [find, replace]: Change): Mutant => ({ what, file, find, replace });

const ofGuards: readonly Mutant[] = [
  mutant('the gateway does not check what a contract requires', gatewayGuard, [
    'this.requireAccess(actor, execution);',
    '',
  ]),
  mutant('the service does not check what a contract requires', 'libs/rpc/src/access-guard.ts', [
    'requireAccess(this.contract, execution.switchToRpc().getContext<RequestContext>().actor);',
    '',
  ]),
  mutant('an API key with any scope is accepted', access, ['if (!isInScope(contract, actor))', 'if (false)']),
  mutant('every user counts as staff', access, ["if (contract.access === 'staff')", 'if (false)']),
  mutant('support has the permissions of an admin', access, ["if (role === 'support' && roles", 'if (roles']),
  mutant('staff do not need a second factor', tokens, ['[secondFactor ? ', '[true ? ']),
  mutant('impersonation allows everything', access, ["if (actor.kind === 'session')", 'if (false)']),
  mutant('read-only impersonation allows writes', access, [' && readOnly === false', '']),
  mutant('every sign-in counts as recent', access, [
    "if (contract.access === 'recent' && !isRecent(actor))",
    'if (false)',
  ]),
  mutant('a revoked session is accepted', authentication, ['if (this.revoked.has(actor.sessionId))', 'if (false)']),
  mutant('requests from another site may use the cookies', gatewayGuard, [
    "if (request.credential === 'cookie' && !safeMethods.has(request.method))",
    'if (false)',
  ]),
  mutant('the origin of a request is not checked', csrf, [
    'this.requireAllowedPage(request);\n    const token',
    'const token',
  ]),
  mutant('the CSRF token is not required', csrf, [
    "const sessionId = typeof token === 'string' ? this.sessionOf(token) : undefined;",
    "const sessionId = this.sessionOf(typeof token === 'string' ? token : (request.cookies['__Host-csrf'] ?? ''));",
  ]),
];

const ofOrganizations: readonly Mutant[] = [
  mutant('another user’s organization is refused with permission_denied, not hidden', tenants, [
    "required(await membershipOf(manager, organizationId, userId), 'not_found')",
    "required(await membershipOf(manager, organizationId, userId), 'permission_denied')",
  ]),
  mutant('every role has every permission', tenants, [
    'if (permission !== null && !permissions.includes(permission))',
    'if (false)',
  ]),
  mutant('a suspended organization can still be used', tenants, [
    'if (membership.suspendedAt !== null && !evenSuspended)',
    'if (false)',
  ]),
  mutant('an organization that is being deleted is shown to all its members', tenants, [
    "if (membership.deleteAfter !== null && !permissions.includes('organization:delete'))",
    'if (false)',
  ]),
];

const ofContracts: readonly Mutant[] = [
  mutant('a scope is dropped from a contract', `${contracts}/organization/member.ts`, [
    "  scope: 'organizations:read',\n",
    '',
  ]),
  mutant('a contract requires another permission', `${contracts}/organization/member.ts`, [
    "permission: 'members:read'",
    "permission: 'members:manage'",
  ]),
  mutant('a contract no longer requires a recent sign-in', `${contracts}/session/session.ts`, [
    "description: 'The session stops working everywhere within a second.',\n  },\n  access: 'recent'",
    "description: 'The session stops working everywhere within a second.',\n  },\n  access: 'user'",
  ]),
  mutant('a personal operation is no longer marked personal', `${contracts}/sign-in/passkey.ts`, [
    "  effect: 'personal',\n",
    '',
  ]),
  mutant('an admin operation is open to support', `${contracts}/staff/administration.ts`, [
    "  staffRole: 'admin',\n  request: whichUser.extend({ reason: staffReason }),",
    '  request: whichUser.extend({ reason: staffReason }),',
  ]),
  mutant('a route is made public', `${contracts}/session/session.ts`, [
    "most recently seen first.',\n  },\n  access: 'user'",
    "most recently seen first.',\n  },\n  access: 'public'",
  ]),
  mutant('a user can end another user’s session', 'apps/auth/src/session/session/sessions.table.ts', [
    '(id = $2 AND user_id = $3)',
    '(id = $2 AND $3 IS NOT NULL)',
  ]),
];

const ofPolicies: readonly Mutant[] = [
  mutant('a route has no policy', routes, ["  'GET /api/v1/users/me/sessions': person(),\n", '']),
  mutant('a policy names another scope', routes, [
    "'GET /api/v1/users/me': person({ scope: 'profile:read' })",
    "'GET /api/v1/users/me': person({ scope: 'profile:write' })",
  ]),
  mutant('a policy allows every caller', routes, [
    "'GET /api/v1/users/me/sessions': person()",
    "'GET /api/v1/users/me/sessions': anyone",
  ]),
  mutant('a policy is stricter than the code', routes, [
    "'GET /api/v1/users/me/sessions': person()",
    "'GET /api/v1/users/me/sessions': person({ recent: true })",
  ]),
];

export const mutants: readonly Mutant[] = [...ofGuards, ...ofOrganizations, ...ofContracts, ...ofPolicies];
