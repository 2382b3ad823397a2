import { randomUUID } from 'node:crypto';
import type { DeclaredRoute } from './routes';
import { ofOrganizations } from './organization-samples';
import { picture } from './picture';
import { body, nothing, type Sample } from './sample';
import type { Belongings } from './people';
import type { Given } from './edge';

const token = body({ token: randomUUID() }, { expectedError: 'token_invalid' });
const newAddress = async (): Promise<Given> => ({ body: { email: `${randomUUID()}@example.com` } });
const owned = (make: (people: Belongings, userId: string) => Promise<string>, content?: object): Sample => ({
  given: async ({ named }, people) => ({
    path: { id: await make(people, named.id) },
    ...(content === undefined ? {} : { body: content }),
  }),
});
/** Another user than the caller, for routes of staff. */
const ofSomebody = (content?: object): Sample => ({
  given: async (_, people) => ({ path: { id: (await people.someone()).id }, ...(content && { body: content }) }),
});
const reason = 'Ticket 4711';
/** Names something that does not exist. Admitted callers get `not_found`. */
const ofNone = (path: Readonly<Record<string, string>>, content?: object): Sample => ({
  given: async () => ({ path, ...(content && { body: content }) }),
  expectedError: 'not_found',
});
const deadLetter = { service: 'billing', id: randomUUID() };
/** Valid only in form: no authenticator created it. */
const credential = { id: 'AAAA', rawId: 'AAAA', type: 'public-key' };
const clientDataJSON = 'AAAA';
const assertion = { ...credential, response: { clientDataJSON, authenticatorData: 'AAAA', signature: 'AAAA' } };

export const samples: Readonly<Record<DeclaredRoute, Sample>> = {
  'GET /.well-known/change-password': nothing,
  'GET /.well-known/jwks.json': nothing,
  'GET /.well-known/security.txt': { expectedError: 'not_found' },
  'GET /api/v1/health': nothing,
  'GET /api/v1/openapi.json': nothing,

  'POST /api/v1/auth/register': {
    given: async () => ({
      body: { email: `${randomUUID()}@example.com`, password: 'correct horse battery', name: 'Ada' },
    }),
  },
  'POST /api/v1/auth/verify-email': token,
  'POST /api/v1/auth/verify-email/resend': { given: newAddress },
  'POST /api/v1/auth/login': {
    given: async () => ({ body: { email: `${randomUUID()}@example.com`, password: 'wrong' } }),
    expectedError: 'invalid_credentials',
  },
  'POST /api/v1/auth/mfa': body({ mfaToken: 'unknown', code: '123456' }, { expectedError: 'mfa_token_invalid' }),
  'POST /api/v1/auth/refresh': body({ refreshToken: 'unknown' }, { expectedError: 'refresh_token_invalid' }),
  'GET /api/v1/auth/csrf-token': nothing,
  'POST /api/v1/auth/magic-link': { given: newAddress },
  'POST /api/v1/auth/magic-link/verify': token,
  'POST /api/v1/auth/passkeys/options': nothing,
  'POST /api/v1/auth/passkeys/verify': body({ response: assertion }, { expectedError: 'passkey_rejected' }),
  'GET /api/v1/auth/oauth/providers': nothing,
  'GET /api/v1/auth/oauth/{provider}': {
    given: async () => ({ path: { provider: 'nobody' } }),
    expectedError: 'not_found',
  },
  'GET /api/v1/auth/oauth/{provider}/callback': { given: async () => ({ path: { provider: 'nobody' } }) },
  'POST /api/v1/auth/password/forgot': { given: newAddress },
  'POST /api/v1/auth/password/reset': body(
    { token: 'unknown', password: 'correct horse battery' },
    { expectedError: 'token_invalid' },
  ),
  'POST /api/v1/auth/password/change': {
    given: async ({ me }) => ({ body: { currentPassword: me.password, newPassword: 'correct horse battery' } }),
    fresh: true,
  },
  'POST /api/v1/auth/reauthenticate': { given: async ({ me }) => ({ body: { password: me.password } }) },
  'POST /api/v1/auth/reauthenticate/passkey/options': nothing,
  'POST /api/v1/auth/reauthenticate/passkey': body({ response: assertion }, { expectedError: 'passkey_rejected' }),
  'POST /api/v1/auth/reauthenticate/oauth': body({ provider: 'nobody' }, { expectedError: 'not_found' }),
  'POST /api/v1/auth/logout': { fresh: true },

  'GET /api/v1/users/me': nothing,
  'PATCH /api/v1/users/me': body({ name: 'Ada' }),
  'PUT /api/v1/users/me/avatar': { given: async () => ({ body: await picture() }) },
  'DELETE /api/v1/users/me/avatar': nothing,
  'GET /api/v1/avatars/{id}': {
    given: async () => ({ path: { id: randomUUID() }, query: '?expires=1&signature=none' }),
    expectedError: 'not_found',
  },
  'POST /api/v1/users/me/email': { given: newAddress },
  'POST /api/v1/users/me/email/confirm': token,
  'POST /api/v1/users/me/email/undo': token,
  'GET /api/v1/users/me/sessions': nothing,
  'DELETE /api/v1/users/me/sessions': nothing,
  'DELETE /api/v1/users/me/sessions/{id}': owned(async (people, userId) => (await people.session(userId)).id),
  'POST /api/v1/users/me/mfa/totp': { fresh: true },
  'POST /api/v1/users/me/mfa/totp/confirm': body({ code: '123456' }, { expectedError: 'mfa_not_enabled' }),
  'DELETE /api/v1/users/me/mfa/totp': body({ code: '123456' }, { expectedError: 'mfa_not_enabled' }),
  'POST /api/v1/users/me/mfa/recovery-codes': body({ code: '123456' }, { expectedError: 'mfa_not_enabled' }),
  'GET /api/v1/users/me/passkeys': nothing,
  'POST /api/v1/users/me/passkeys/options': nothing,
  'POST /api/v1/users/me/passkeys': body(
    { name: 'Phone', response: { ...credential, response: { clientDataJSON, attestationObject: 'AAAA' } } },
    { expectedError: 'passkey_rejected' },
  ),
  'PATCH /api/v1/users/me/passkeys/{id}': owned((people, userId) => people.passkey(userId), { name: 'Key ring' }),
  'DELETE /api/v1/users/me/passkeys/{id}': owned((people, userId) => people.passkey(userId)),
  'GET /api/v1/users/me/identities': nothing,
  'POST /api/v1/users/me/identities': body({ provider: 'nobody' }, { expectedError: 'not_found' }),
  'DELETE /api/v1/users/me/identities/{id}': owned((people, userId) => people.identity(userId)),
  'GET /api/v1/users/me/api-keys': nothing,
  'POST /api/v1/users/me/api-keys': body({ name: 'Deploys', scopes: ['profile:read'] }),
  'DELETE /api/v1/users/me/api-keys/{id}': owned(
    async (people, userId) => (await people.apiKey(userId, ['profile:read'])).id,
  ),
  'GET /api/v1/users/me/security-log': nothing,

  ...ofOrganizations,
  'POST /api/v1/invitations/look': token,
  'POST /api/v1/invitations/accept': token,
  'POST /api/v1/invitations/decline': token,
  'POST /api/v1/invitations/register': body(
    { token: 'unknown', name: 'Ada', password: 'correct horse battery' },
    { expectedError: 'token_invalid' },
  ),

  'GET /api/v1/admin/users': nothing,
  'GET /api/v1/admin/users/{id}': ofSomebody(),
  'POST /api/v1/admin/users/{id}/suspend': ofSomebody({ reason }),
  'POST /api/v1/admin/users/{id}/reinstate': ofSomebody(),
  'POST /api/v1/admin/users/{id}/sign-out': ofSomebody(),
  'POST /api/v1/admin/users/{id}/impersonate': ofSomebody({ reason }),
  'GET /api/v1/admin/organizations': nothing,
  'POST /api/v1/admin/organizations/{organizationId}/suspend': ofNone({ organizationId: randomUUID() }, { reason }),
  'POST /api/v1/admin/organizations/{organizationId}/reinstate': ofNone({ organizationId: randomUUID() }),
  'GET /api/v1/admin/audit-log': nothing,
  'GET /api/v1/admin/dead-letters': nothing,
  'GET /api/v1/admin/dead-letters/{service}/{id}': ofNone(deadLetter),
  'POST /api/v1/admin/dead-letters/{service}/{id}/replay': ofNone(deadLetter),
  'DELETE /api/v1/admin/dead-letters/{service}/{id}': ofNone(deadLetter),
};
