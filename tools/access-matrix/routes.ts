import { anyone, member, namedSession, person, staff, type Policy } from './policy';

export type Route = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

export interface Area {
  readonly title: string;
  readonly policies: Policies;
}

type Policies = Readonly<Record<Route, Policy>>;

const service = {
  'GET /.well-known/change-password': anyone,
  'GET /.well-known/jwks.json': anyone,
  'GET /.well-known/security.txt': anyone,
  'GET /api/v1/health': anyone,
  'GET /api/v1/openapi.json': anyone,
} as const satisfies Policies;

const signingIn = {
  'POST /api/v1/auth/register': anyone,
  'POST /api/v1/auth/verify-email': anyone,
  'POST /api/v1/auth/verify-email/resend': anyone,
  'POST /api/v1/auth/login': anyone,
  'POST /api/v1/auth/mfa': anyone,
  'POST /api/v1/auth/refresh': anyone,
  'GET /api/v1/auth/csrf-token': anyone,
  'POST /api/v1/auth/magic-link': anyone,
  'POST /api/v1/auth/magic-link/verify': anyone,
  'POST /api/v1/auth/passkeys/options': anyone,
  'POST /api/v1/auth/passkeys/verify': anyone,
  'GET /api/v1/auth/oauth/providers': anyone,
  'GET /api/v1/auth/oauth/{provider}': anyone,
  'GET /api/v1/auth/oauth/{provider}/callback': anyone,
  'POST /api/v1/auth/password/forgot': anyone,
  'POST /api/v1/auth/password/reset': anyone,
  'POST /api/v1/auth/password/change': person({ recent: true }),
  'POST /api/v1/auth/reauthenticate': person({ acting: 'never' }),
  'POST /api/v1/auth/reauthenticate/passkey/options': person({ acting: 'never' }),
  'POST /api/v1/auth/reauthenticate/passkey': person({ acting: 'never' }),
  'POST /api/v1/auth/reauthenticate/oauth': person({ acting: 'never' }),
  'POST /api/v1/auth/logout': namedSession,
} as const satisfies Policies;

const accounts = {
  'GET /api/v1/users/me': person({ scope: 'profile:read' }),
  'PATCH /api/v1/users/me': person({ scope: 'profile:write' }),
  'PUT /api/v1/users/me/avatar': person({ scope: 'profile:write' }),
  'DELETE /api/v1/users/me/avatar': person({ scope: 'profile:write' }),
  'GET /api/v1/avatars/{id}': anyone,
  'POST /api/v1/users/me/email': person({ recent: true }),
  'POST /api/v1/users/me/email/confirm': anyone,
  'POST /api/v1/users/me/email/undo': anyone,
  'GET /api/v1/users/me/sessions': person(),
  'DELETE /api/v1/users/me/sessions': person({ recent: true }),
  'DELETE /api/v1/users/me/sessions/{id}': person({ recent: true, own: true }),
  'POST /api/v1/users/me/mfa/totp': person({ recent: true }),
  'POST /api/v1/users/me/mfa/totp/confirm': person({ recent: true }),
  'DELETE /api/v1/users/me/mfa/totp': person({ recent: true }),
  'POST /api/v1/users/me/mfa/recovery-codes': person({ recent: true }),
  'GET /api/v1/users/me/passkeys': person(),
  'POST /api/v1/users/me/passkeys/options': person({ recent: true }),
  'POST /api/v1/users/me/passkeys': person({ recent: true }),
  'PATCH /api/v1/users/me/passkeys/{id}': person({ own: true, acting: 'never' }),
  'DELETE /api/v1/users/me/passkeys/{id}': person({ recent: true, own: true }),
  'GET /api/v1/users/me/identities': person(),
  'POST /api/v1/users/me/identities': person({ recent: true }),
  'DELETE /api/v1/users/me/identities/{id}': person({ recent: true, own: true }),
  'GET /api/v1/users/me/api-keys': person(),
  'POST /api/v1/users/me/api-keys': person({ recent: true }),
  'DELETE /api/v1/users/me/api-keys/{id}': person({ recent: true, own: true }),
  'GET /api/v1/users/me/security-log': person(),
} as const satisfies Policies;

const reading = { scope: 'organizations:read' } as const;
const writing = { scope: 'organizations:write' } as const;

const organizations = {
  'GET /api/v1/organizations': person(reading),
  'POST /api/v1/organizations': person(writing),
  'GET /api/v1/organizations/{organizationId}': member('organization:read', reading),
  'PATCH /api/v1/organizations/{organizationId}': member('organization:update', writing),
  'DELETE /api/v1/organizations/{organizationId}': member('organization:delete', { recent: true }),
  'POST /api/v1/organizations/{organizationId}/restore': member('organization:delete'),
  'PUT /api/v1/organizations/{organizationId}/logo': member('organization:update', writing),
  'DELETE /api/v1/organizations/{organizationId}/logo': member('organization:update', writing),
  'GET /api/v1/organizations/{organizationId}/members': member('members:read', reading),
  'PATCH /api/v1/organizations/{organizationId}/members/{userId}': member('members:manage', {
    ...writing,
    inside: true,
  }),
  'DELETE /api/v1/organizations/{organizationId}/members/{userId}': member('members:manage', {
    ...writing,
    inside: true,
  }),
  'DELETE /api/v1/organizations/{organizationId}/members/me': member(null, { evenSuspended: true }),
  'GET /api/v1/organizations/{organizationId}/roles': member('roles:read', reading),
  'POST /api/v1/organizations/{organizationId}/roles': member('roles:manage'),
  'PATCH /api/v1/organizations/{organizationId}/roles/{roleId}': member('roles:manage', { inside: true }),
  'DELETE /api/v1/organizations/{organizationId}/roles/{roleId}': member('roles:manage', { inside: true }),
  'GET /api/v1/organizations/{organizationId}/transfer': member('organization:read', reading),
  'POST /api/v1/organizations/{organizationId}/transfer': member('organization:transfer', { recent: true }),
  'DELETE /api/v1/organizations/{organizationId}/transfer': member('organization:transfer'),
  'POST /api/v1/organizations/{organizationId}/transfer/accept': member(null, { recent: true }),
  'POST /api/v1/organizations/{organizationId}/transfer/decline': member(null, { evenSuspended: true }),
  'GET /api/v1/organizations/{organizationId}/invitations': member('members:invite', reading),
  'POST /api/v1/organizations/{organizationId}/invitations': member('members:invite', writing),
  'POST /api/v1/organizations/{organizationId}/invitations/batch': member('members:invite', writing),
  'DELETE /api/v1/organizations/{organizationId}/invitations/{invitationId}': member('members:invite', {
    ...writing,
    inside: true,
  }),
  'POST /api/v1/organizations/{organizationId}/invitations/{invitationId}/resend': member('members:invite', {
    ...writing,
    inside: true,
  }),
  'POST /api/v1/invitations/look': anyone,
  'POST /api/v1/invitations/accept': person({ acting: 'never' }),
  'POST /api/v1/invitations/decline': anyone,
  'POST /api/v1/invitations/register': anyone,
  'GET /api/v1/organizations/{organizationId}/audit-log': member('audit:read', reading),
  'GET /api/v1/organizations/{organizationId}/audit-log/export': member('audit:read', reading),
} as const satisfies Policies;

const administration = {
  'GET /api/v1/admin/users': staff('support'),
  'GET /api/v1/admin/users/{id}': staff('support'),
  'POST /api/v1/admin/users/{id}/suspend': staff('admin'),
  'POST /api/v1/admin/users/{id}/reinstate': staff('admin'),
  'POST /api/v1/admin/users/{id}/sign-out': staff('support'),
  'POST /api/v1/admin/users/{id}/impersonate': staff('support'),
  'GET /api/v1/admin/organizations': staff('support'),
  'POST /api/v1/admin/organizations/{organizationId}/suspend': staff('admin'),
  'POST /api/v1/admin/organizations/{organizationId}/reinstate': staff('admin'),
  'GET /api/v1/admin/audit-log': staff('support'),
  'GET /api/v1/admin/dead-letters': staff('support'),
  'GET /api/v1/admin/dead-letters/{service}/{id}': staff('support'),
  'POST /api/v1/admin/dead-letters/{service}/{id}/replay': staff('admin'),
  'DELETE /api/v1/admin/dead-letters/{service}/{id}': staff('admin'),
} as const satisfies Policies;

/** In the order of the page. */
export const areas: readonly Area[] = [
  { title: 'The service itself', policies: service },
  { title: 'Signing in', policies: signingIn },
  { title: 'One’s own account', policies: accounts },
  { title: 'Organizations', policies: organizations },
  { title: 'Administration', policies: administration },
];

/**
 * The policy of each route of the API. The tests fail for a route without a policy and for a policy
 * without a route.
 */
export const policies: Readonly<Record<DeclaredRoute, Policy>> = {
  ...service,
  ...signingIn,
  ...accounts,
  ...organizations,
  ...administration,
};

export type DeclaredRoute = keyof (typeof service &
  typeof signingIn &
  typeof accounts &
  typeof organizations &
  typeof administration);

export function isDeclared(route: string): route is DeclaredRoute {
  return Object.hasOwn(policies, route);
}

export const declaredRoutes = Object.keys(policies).filter(isDeclared);
