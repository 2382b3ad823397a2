import { bearer, publicUrl, startGateway, type TestGateway } from '../../test/gateway';
import { refuse } from '../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));

const id = 'aWQ';
/** As a browser's `toJSON()` gives it. */
const passkey = {
  response: {
    ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
    response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' },
  },
};

const ask = (path: string, body: object, headers: Record<string, string>) =>
  gateway.ask({ method: 'POST', url: `/api/v1/auth/reauthenticate${path}`, headers, body });

async function browser() {
  const { cookies } = await gateway.ask({
    method: 'POST',
    url: '/api/v1/auth/login',
    headers: { origin: publicUrl, 'sec-fetch-site': 'same-origin', 'x-session-mode': 'cookie' },
    body: { email: 'ada@example.com', password: 'correct horse battery' },
  });
  const csrf = cookies['csrf'] ?? '';
  return { cookie: `__Host-access=${cookies['__Host-access']}; csrf=${csrf}`, origin: publicUrl, 'x-csrf-token': csrf };
}

const proofs: [string, string, object][] = [
  ['a password', '', { password: 'correct horse battery' }],
  ['a passkey', '/passkey', passkey],
];

it.each(proofs)('%s gives programs a new access token, and browsers a cookie', async (_what, path, body) => {
  expect(await ask(path, body, bearer(await gateway.tokens.sign()))).toMatchObject({
    status: 200,
    json: { accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 600 },
  });
  const answer = await ask(path, body, await browser());
  expect(answer).toMatchObject({ status: 200, json: { expiresIn: 600 } });
  expect(Object.keys(answer.cookies)).toEqual(['__Host-access']);
});

it.each(proofs)('%s of nobody, or one that another site sends, is refused', async (_what, path, body) => {
  expect((await ask(path, body, {})).status).toBe(401);
  const headers = { ...(await browser()), origin: 'https://evil.test' };
  expect(await ask(path, body, headers)).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
});

it('a passkey is asked for before it answers, and a wrong answer is 400', async () => {
  const headers = bearer(await gateway.tokens.sign());
  expect(await ask('/passkey/options', {}, headers)).toMatchObject({ status: 200, json: { rpId: 'app.acme.test' } });
  gateway.auth.reauthenticateWithPasskey = refuse('passkey_rejected');
  expect(await ask('/passkey', passkey, headers)).toMatchObject({ status: 400, json: { code: 'passkey_rejected' } });
  expect((await ask('/passkey', { password: 'x' }, headers)).status).toBe(422);
});
