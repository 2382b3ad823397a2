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
  mutant('the gateway asks nothing of what a contract asks', gatewayGuard, [
    'this.requireAccess(actor, execution);',
    '',
  ]),
  mutant('the service asks nothing of what a contract asks', 'libs/rpc/src/access-guard.ts', [
    'requireAccess(this.contract, execution.switchToRpc().getContext<RequestContext>().actor);',
    '',
  ]),
  mutant('a key of any scope will do', access, ['if (!isInScope(contract, actor))', 'if (false)']),
  mutant('anybody is of the staff', access, ["if (contract.access === 'staff')", 'if (false)']),
  mutant('support may what an admin may', access, ["if (role === 'support' && roles", 'if (roles']),
  mutant('one factor is enough for the staff', tokens, ['[secondFactor ? ', '[true ? ']),
  mutant('whoever acts as somebody may do everything', access, ["if (actor.kind === 'session')", 'if (false)']),
  mutant('whoever acts as somebody to look may change', access, [' && readOnly === false', '']),
  mutant('any sign-in is recent', access, ["if (contract.access === 'recent' && !isRecent(actor))", 'if (false)']),
  mutant('a session that has ended goes on', authentication, ['if (this.revoked.has(actor.sessionId))', 'if (false)']),
  mutant('a page of another site may use the cookies', gatewayGuard, [
    "if (request.credential === 'cookie' && !safeMethods.has(request.method))",
    'if (false)',
  ]),
  mutant('a page of another site is not told apart', csrf, [
    'this.requireAllowedPage(request);\n    const token',
    'const token',
  ]),
  mutant('the token against forgery is not asked for', csrf, [
    "const sessionId = typeof token === 'string' ? this.sessionOf(token) : undefined;",
    "const sessionId = this.sessionOf(typeof token === 'string' ? token : (request.cookies['__Host-csrf'] ?? ''));",
  ]),
];

const ofOrganizations: readonly Mutant[] = [
  mutant('what is another’s organization is refused, not hidden', tenants, [
    "if (membership === undefined) throw new ProblemError('not_found');",
    "if (membership === undefined) throw new ProblemError('permission_denied');",
  ]),
  mutant('any role may everything', tenants, [
    'if (permission !== null && !permissions.includes(permission))',
    'if (false)',
  ]),
  mutant('a suspended organization goes on', tenants, [
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
  mutant('a contract asks for another permission', `${contracts}/organization/member.ts`, [
    "permission: 'members:read'",
    "permission: 'members:manage'",
  ]),
  mutant('a contract no longer asks for a recent sign-in', `${contracts}/session/session.ts`, [
    "description: 'The session stops working everywhere within a second.',\n  },\n  access: 'recent'",
    "description: 'The session stops working everywhere within a second.',\n  },\n  access: 'user'",
  ]),
  mutant('what is personal is so no longer', `${contracts}/sign-in/passkey.ts`, ["  effect: 'personal',\n", '']),
  mutant('what is an admin’s is support’s as well', `${contracts}/staff/administration.ts`, [
    "  staffRole: 'admin',\n  request: whichUser.extend({ reason: staffReason }),",
    '  request: whichUser.extend({ reason: staffReason }),',
  ]),
  mutant('a route is made public', `${contracts}/session/session.ts`, [
    "most recently seen first.',\n  },\n  access: 'user'",
    "most recently seen first.',\n  },\n  access: 'public'",
  ]),
  mutant('another’s session can be ended', 'apps/auth/src/session/session/sessions.table.ts', [
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
  mutant('a policy lets everybody in', routes, [
    "'GET /api/v1/users/me/sessions': person()",
    "'GET /api/v1/users/me/sessions': anyone",
  ]),
  mutant('a policy is stricter than the code', routes, [
    "'GET /api/v1/users/me/sessions': person()",
    "'GET /api/v1/users/me/sessions': person({ recent: true })",
  ]),
];

export const mutants: readonly Mutant[] = [...ofGuards, ...ofOrganizations, ...ofContracts, ...ofPolicies];
