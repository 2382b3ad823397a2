import { bearer, publicUrl, startGateway, type TestGateway } from '../../../test/gateway';
import { passkeyWith } from '../../../test/passkeys';
import { agreeableAuth, refuse, userWith } from '../../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const id = '01890a5d-ac96-774b-bcce-b302099a8060';
const ourPage = { origin: publicUrl, 'sec-fetch-site': 'same-origin' };

/** The JSON of a browser's `toJSON()`, with members that the routes ignore. */
const made = {
  id: 'aWQ',
  rawId: 'aWQ',
  type: 'public-key',
  authenticatorAttachment: 'platform',
  clientExtensionResults: { credProps: { rk: true } },
  response: { clientDataJSON: 'e30', attestationObject: 'oA', transports: ['internal'], publicKeyAlgorithm: -7 },
};
const answered = { ...made, response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' } };

const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
  gateway.ask({
    method,
    url: `/api/v1/users/me/passkeys${path}`,
    headers: bearer(await gateway.tokens.sign()),
    ...(body === undefined ? {} : { body }),
  });
const verify = (body: object, headers: Record<string, string> = {}) =>
  gateway.ask({ method: 'POST', url: '/api/v1/auth/passkeys/verify', headers, body });

it('lets a user add, list, rename and remove passkeys', async () => {
  expect(await ask('POST', '/options')).toMatchObject({ status: 200, json: { rp: { id: 'app.acme.test' } } });
  expect(await ask('POST', '', { name: 'Key', response: made })).toMatchObject({ status: 200, json: { name: 'Key' } });
  expect(await ask('GET', '')).toMatchObject({ status: 200, json: { data: [passkeyWith()] } });
  expect(await ask('PATCH', `/${id}`, { name: 'Pad' })).toMatchObject({ status: 200, json: { id, name: 'Pad' } });
  expect(await ask('DELETE', `/${id}`)).toMatchObject({ status: 204, body: '' });
});

it('sends auth only the members that it uses', async () => {
  const seen: unknown[] = [];
  gateway.auth.addPasskey = async (input) => (seen.push(input), passkeyWith());
  await ask('POST', '', { name: 'Key', response: made });
  const { clientDataJSON, attestationObject, transports } = made.response;
  const response = { clientDataJSON, attestationObject, transports };
  expect(seen).toEqual([{ name: 'Key', response: { id: 'aWQ', rawId: 'aWQ', type: 'public-key', response } }]);
});

it.each([
  ['a name that is no name', { name: '  ', response: made }, 'name'],
  ['no response', { name: 'Key' }, 'response'],
  ['a field that is not known', { name: 'Key', response: made, userId: id }, 'userId'],
  ['a credential of another type', { name: 'Key', response: { ...made, type: 'password' } }, 'response.type'],
  ['what is not base64url', { name: 'Key', response: { ...made, id: 'a+b/' } }, 'response.id'],
])('refuses to add one with %s, and names the field', async (_what, body, path) => {
  expect(await ask('POST', '', body)).toMatchObject({
    status: 422,
    json: { code: 'validation_failed', errors: expect.arrayContaining([expect.objectContaining({ path })]) },
  });
});

it('refuses a body over 100 kB without reading it', async () => {
  const response = { ...answered, clientExtensionResults: { prf: 'a'.repeat(103_000) } };
  expect(await verify({ response })).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
});

it.each(['', '/options', `/${id}`])('requires a session for /users/me/passkeys%s', async (path) => {
  const method = path === '' ? 'GET' : path === '/options' ? 'POST' : 'DELETE';
  expect((await gateway.ask({ method, url: `/api/v1/users/me/passkeys${path}` })).status).toBe(401);
});

it('lets anyone start a sign-in, without naming an account', async () => {
  const begin = (body: object) => gateway.ask({ method: 'POST', url: '/api/v1/auth/passkeys/options', body });
  expect(await begin({})).toMatchObject({ status: 200, json: { rpId: 'app.acme.test', allowCredentials: [] } });
  expect((await begin({ email: 'ada@example.com' })).status).toBe(422);
});

it('returns tokens to programs and cookies to browsers', async () => {
  expect(await verify({ response: answered })).toMatchObject({ status: 200, json: { refreshToken: 'refresh-1' } });
  const browser = await verify({ response: answered }, { ...ourPage, 'x-session-mode': 'cookie' });
  expect(browser.json).toEqual({
    type: 'cookie_session',
    expiresIn: 600,
    user: userWith(),
    csrfToken: browser.cookies['__Host-csrf'],
  });
  expect(Object.keys(browser.cookies)).toContain('__Host-access');
});

it('refuses a sign-in that another site starts for its visitor', async () => {
  gateway.auth.signInWithPasskey = refuse('internal_error');
  const headers = { origin: 'https://evil.test', 'x-session-mode': 'cookie' };
  expect(await verify({ response: answered }, headers)).toMatchObject({ status: 403, cookies: {} });
});

it('returns 400 for a refused passkey, without details', async () => {
  gateway.auth.signInWithPasskey = refuse('passkey_rejected');
  expect(await verify({ response: answered })).toMatchObject({ status: 400, json: { code: 'passkey_rejected' } });
});

it('accepts a passkey response as the second factor of a sign-in', async () => {
  const seen: unknown[] = [];
  const { completeMfa: original } = gateway.auth;
  gateway.auth.completeMfa = (input, context) => (seen.push(input.passkey?.id), original(input, context));
  const body = { mfaToken: 'half-way', passkey: answered };
  expect((await gateway.ask({ method: 'POST', url: '/api/v1/auth/mfa', body })).status).toBe(200);
  expect(seen).toEqual(['aWQ']);
});
