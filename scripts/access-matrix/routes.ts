import { anyone, ownPerson, person, personOrKey, recentOwnPerson, recentPerson, type Policy } from './policy';

export type Route = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

type Area = Readonly<Record<Route, Policy>>;

const service = {
  'GET /.well-known/change-password': anyone,
  'GET /.well-known/jwks.json': anyone,
  'GET /.well-known/security.txt': anyone,
  'GET /api/v1/health': anyone,
  'GET /api/v1/openapi.json': anyone,
} as const satisfies Area;

const signingIn = {
  'POST /api/v1/auth/register': anyone,
  'POST /api/v1/auth/verify-email': anyone,
  'POST /api/v1/auth/verify-email/resend': anyone,
  'POST /api/v1/auth/login': anyone,
  'POST /api/v1/auth/mfa': anyone,
  'POST /api/v1/auth/refresh': anyone,
  'POST /api/v1/auth/magic-link': anyone,
  'POST /api/v1/auth/magic-link/verify': anyone,
  'POST /api/v1/auth/passkeys/options': anyone,
  'POST /api/v1/auth/passkeys/verify': anyone,
  'GET /api/v1/auth/oauth/providers': anyone,
  'GET /api/v1/auth/oauth/{provider}': anyone,
  'GET /api/v1/auth/oauth/{provider}/callback': anyone,
  'POST /api/v1/auth/password/forgot': anyone,
  'POST /api/v1/auth/password/reset': anyone,
  'POST /api/v1/auth/password/change': recentPerson,
  'POST /api/v1/auth/reauthenticate': person,
  'POST /api/v1/auth/logout': person,
} as const satisfies Area;

const accounts = {
  'GET /api/v1/users/me': personOrKey('profile:read'),
  'PATCH /api/v1/users/me': personOrKey('profile:write'),
  'PUT /api/v1/users/me/avatar': personOrKey('profile:write'),
  'DELETE /api/v1/users/me/avatar': personOrKey('profile:write'),
  'GET /api/v1/avatars/{id}': anyone,
  'POST /api/v1/users/me/email': recentPerson,
  'POST /api/v1/users/me/email/confirm': anyone,
  'POST /api/v1/users/me/email/undo': anyone,
  'GET /api/v1/users/me/sessions': person,
  'DELETE /api/v1/users/me/sessions': person,
  'DELETE /api/v1/users/me/sessions/{id}': ownPerson,
  'POST /api/v1/users/me/mfa/totp': recentPerson,
  'POST /api/v1/users/me/mfa/totp/confirm': recentPerson,
  'DELETE /api/v1/users/me/mfa/totp': recentPerson,
  'POST /api/v1/users/me/mfa/recovery-codes': recentPerson,
  'GET /api/v1/users/me/passkeys': person,
  'POST /api/v1/users/me/passkeys/options': recentPerson,
  'POST /api/v1/users/me/passkeys': recentPerson,
  'PATCH /api/v1/users/me/passkeys/{id}': ownPerson,
  'DELETE /api/v1/users/me/passkeys/{id}': recentOwnPerson,
  'GET /api/v1/users/me/identities': person,
  'POST /api/v1/users/me/identities': recentPerson,
  'DELETE /api/v1/users/me/identities/{id}': recentOwnPerson,
  'GET /api/v1/users/me/api-keys': person,
  'POST /api/v1/users/me/api-keys': recentPerson,
  'DELETE /api/v1/users/me/api-keys/{id}': recentOwnPerson,
  'GET /api/v1/users/me/security-log': person,
} as const satisfies Area;

/** In the order of the page. */
export const areas: readonly { readonly title: string; readonly policies: Area }[] = [
  { title: 'The service itself', policies: service },
  { title: 'Signing in', policies: signingIn },
  { title: 'One’s own account', policies: accounts },
];

/** The policy of each route of the API. A route that is missing here, or is here and nowhere else, fails the tests. */
export const policies = { ...service, ...signingIn, ...accounts };

export type DeclaredRoute = keyof typeof policies;

export function isDeclared(route: string): route is DeclaredRoute {
  return Object.hasOwn(policies, route);
}

export const declaredRoutes = Object.keys(policies).filter(isDeclared);
