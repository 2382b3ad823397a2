import { rpcContractsOf } from '#libs/contracts';
import { z } from 'zod';
import { bearer, publicUrl, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { agreeableAuth } from '../../../test/stub-services';
import { TestTokens, testUserId } from '../../../test/tokens';
import { controllers } from '../../gateway.module';
import { describedRoutes } from '../../openapi/routes';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const person = '01890a5d-ac96-774b-bcce-b302099a8061';
const staff = (role: string) => gateway.tokens.sign({ roles: [role] });
const routes = () => describedRoutes(controllers);
const methods = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

const addressOf = (path: string) => path.replace('{service}', 'auth').replaceAll(/\{\w+\}/g, person);

/** Every route of the API under /admin. */
const adminRoutes = () =>
  routes()
    .filter(({ path }) => path.startsWith('/api/v1/admin/'))
    .map(({ method, path, operation: { contract } }) => ({
      title: `${method} ${path}`,
      contract,
      request: { method: methods.parse(method.toUpperCase()), url: addressOf(path) },
    }));

const codeOf = async (request: TestRequest) =>
  z
    .object({ code: z.string() })
    .catch({ code: 'ok' })
    .parse((await gateway.ask(request)).json).code;

/** The responses of all /admin routes to this token. */
async function answersTo(token: string): Promise<Map<string, string>> {
  const responses = new Map<string, string>();
  for (const { title, request } of adminRoutes()) {
    responses.set(title, await codeOf({ ...request, headers: bearer(token) }));
  }
  return responses;
}

describe('every administration route', () => {
  it('requires staff access in its contract', () => {
    expect(adminRoutes().length).toBeGreaterThan(5);
    for (const { title, contract } of adminRoutes())
      expect({ title, access: contract?.access }).toEqual({ title, access: 'staff' });
    const elsewhere = rpcContractsOf('auth').filter(({ access }) => access === 'staff');
    expect(new Set(adminRoutes().map(({ contract }) => contract?.name))).toEqual(
      new Set(elsewhere.map(({ name }) => name)),
    );
  });

  it.each([
    ['a user who is not staff', { roles: [] }, 'permission_denied'],
    [
      'a user with unknown roles',
      { roles: ['admin', 'staff', 'staff:root', 'STAFF:ADMIN', 'support'] },
      'permission_denied',
    ],
    ['staff without a second factor', { roles: ['staff:mfa_required'] }, 'staff_mfa_required'],
    ['staff who impersonate a user', { roles: [], act: { sub: testUserId }, read_only: false }, 'permission_denied'],
  ])('refuses %s, whatever the request contains', async (_who, claims, code) => {
    const responses = await answersTo(await gateway.tokens.sign(claims));
    expect(new Set(responses.values())).toEqual(new Set([code]));
  });

  it('refuses a token with forged roles', async () => {
    const forger = await TestTokens.create(publicUrl);
    const responses = await answersTo(await forger.sign({ roles: ['staff:admin'] }));
    expect(new Set(responses.values())).toEqual(new Set(['unauthenticated']));
    const [header, , signature] = (await gateway.tokens.sign()).split('.');
    const claims = Buffer.from(JSON.stringify(gateway.tokens.claims({ roles: ['staff:admin'] }))).toString('base64url');
    expect(
      await codeOf({ method: 'GET', url: '/api/v1/admin/users', headers: bearer(`${header}.${claims}.${signature}`) }),
    ).toBe('unauthenticated');
  });

  it('refuses support if it needs an admin, and allows support otherwise', async () => {
    const responses = await answersTo(await staff('staff:support'));
    for (const { title, contract } of adminRoutes()) {
      const refused = responses.get(title) === 'permission_denied';
      expect({ title, refused }).toEqual({ title, refused: contract?.staffRole === 'admin' });
    }
    expect([...responses.values()]).toContain('permission_denied');
    expect([...(await answersTo(await staff('staff:admin'))).values()]).not.toContain('permission_denied');
  });
});

describe('impersonation', () => {
  const impersonate = async (headers: Record<string, string> = {}) =>
    gateway.ask({
      method: 'POST',
      url: `/api/v1/admin/users/${person}/impersonate`,
      headers: { ...bearer(await staff('staff:support')), ...headers },
      body: { reason: 'Ticket 4711' },
    });

  it('returns a session to a program or cookies to a browser, without remembering the browser as a device of the user', async () => {
    expect(await impersonate()).toMatchObject({ status: 200, json: { refreshToken: 'refresh-1' }, cookies: {} });
    const browser = await impersonate({ 'x-session-mode': 'cookie', origin: publicUrl });
    expect(browser).toMatchObject({ status: 200, json: { expiresIn: 600 } });
    expect(Object.keys(browser.cookies).toSorted()).toEqual(['__Host-access', '__Host-csrf', '__Secure-refresh']);
    expect(await impersonate({ 'x-session-mode': 'cookie', origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      json: { code: 'csrf_failed' },
    });
  });

  it('needs a reason', async () => {
    const ask = async (body: object) =>
      codeOf({
        method: 'POST',
        url: `/api/v1/admin/users/${person}/impersonate`,
        headers: bearer(await staff('staff:admin')),
        body,
      });
    expect(await ask({})).toBe('validation_failed');
    expect(await ask({ reason: '  ' })).toBe('validation_failed');
    expect(await ask({ reason: 'x'.repeat(501) })).toBe('validation_failed');
  });

  it('calls the service as the user, with the staff member’s id and the read-only flag', async () => {
    const seen: unknown[] = [];
    gateway.auth.listSessions = async (_input, { actor }) => (seen.push(actor), { data: [] });
    const act = { sub: person };
    for (const claims of [{ act, read_only: true }, { act }, { act, read_only: false }]) {
      await gateway.ask({
        method: 'GET',
        url: '/api/v1/users/me/sessions',
        headers: bearer(await gateway.tokens.sign(claims)),
      });
    }
    const actor = { userId: testUserId, impersonatorId: person };
    expect(seen).toMatchObject([true, true, false].map((readOnly) => ({ ...actor, readOnly })));
  });

  it('is refused with an invalid claim', async () => {
    for (const act of ['me', {}, { sub: 'admin' }, null]) {
      const headers = bearer(await gateway.tokens.sign({ act }));
      expect(await codeOf({ method: 'GET', url: '/api/v1/users/me', headers })).toBe('unauthenticated');
    }
  });
});

describe('each closed route', () => {
  const closed = () => routes().filter(({ access }) => access === 'authenticated');

  it('is a GET if it reads, and another method if it changes something, as its contract says', () => {
    for (const {
      method,
      path,
      operation: { contract },
    } of closed()) {
      const route = `${method} ${path}`;
      expect({ route, reads: contract?.effect === 'read' }).toEqual({ route, reads: method === 'get' });
    }
  });

  it.each([
    ['only looks', { read_only: true }],
    ['may change things', { read_only: false }],
  ])('except for reads is closed to impersonation by staff who %s, if it is the user’s own', async (_how, claims) => {
    const headers = bearer(await gateway.tokens.sign({ act: { sub: person }, ...claims }));
    const others = closed().filter(({ path }) => !path.startsWith('/api/v1/admin/'));
    expect(others.length).toBeGreaterThan(20);
    for (const {
      method,
      path,
      operation: { contract },
    } of others) {
      const request = {
        method: methods.parse(method.toUpperCase()),
        url: addressOf(path),
        headers,
      };
      const isOpen =
        contract?.effect === 'read' ||
        (contract?.effect === 'write' && contract.access === 'user' && !claims.read_only);
      const refused = (await codeOf(request)) === 'impersonation_read_only';
      expect({ path, method, refused }).toEqual({ path, method, refused: !isOpen });
    }
  });
});
