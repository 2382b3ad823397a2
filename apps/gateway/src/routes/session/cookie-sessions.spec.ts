import { z } from 'zod';
import { cookieMode, signedInBrowser } from '../../../test/browser';
import { bearer, startGateway, type TestGateway } from '../../../test/gateway';
import { testUserId } from '../../../test/tokens';

const clientDataJSON = 'AAAA';
const passkey = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  response: { clientDataJSON, authenticatorData: 'AAAA', signature: 'AAAA' },
};
const password = 'tomatoes grow in june';
/** A request for each route that starts a session. */
const requests: Readonly<Record<string, object>> = {
  '/api/v1/auth/login': { email: 'ada@example.com', password },
  '/api/v1/auth/mfa': { mfaToken: 'from-login', code: '123456' },
  '/api/v1/auth/refresh': {},
  '/api/v1/auth/verify-email': { token: 'from-the-mail' },
  '/api/v1/auth/magic-link/verify': { token: 'from-the-mail' },
  '/api/v1/auth/passkeys/verify': { response: passkey },
  '/api/v1/invitations/register': { token: 'from-the-mail', name: 'Ada', password },
  '/api/v1/admin/users/{id}/impersonate': { reason: 'Ticket 4711' },
};
const parameters = z.array(z.looseObject({ name: z.string() })).default([]);
const description = z.object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({ parameters }))) });

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});

it('lists every route that starts a session', async () => {
  const { paths } = description.parse((await gateway.ask({ method: 'GET', url: '/api/v1/openapi.json' })).json);
  const givingSessions = Object.entries(paths).filter(([, { post }]) =>
    post?.parameters.some(({ name }) => name === 'X-Session-Mode'),
  );
  expect(givingSessions.map(([path]) => path).toSorted()).toEqual(Object.keys(requests).toSorted());
});

it.each(Object.entries(requests))('%s returns the CSRF token of its new cookies to a page', async (path, body) => {
  const { refreshCookie: cookie, csrf } = await signedInBrowser(gateway);
  const staff = bearer(await gateway.tokens.sign({ roles: ['staff:support'] }));
  const response = await gateway.ask({
    method: 'POST',
    url: path.replace('{id}', testUserId),
    headers: { ...cookieMode, ...(path.includes('/admin/') ? staff : { cookie, 'x-csrf-token': csrf }) },
    body,
  });
  const token = response.cookies['__Host-csrf'];
  expect(token).toMatch(/^[\da-f-]{36}\./);
  expect(response).toMatchObject({ status: 200, json: { csrfToken: token } });
  expect(response.body).not.toContain('refresh-1');
});
