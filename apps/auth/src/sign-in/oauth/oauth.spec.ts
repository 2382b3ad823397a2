import { beginOauth, beginTotp, completeMfa, confirmTotp, finishOauth, listOauthProviders } from '#libs/contracts';
import { contextOf } from '../../../test/auth';
import { aPerson, callbackUri, startOauth, userIdOf, type TestOauth } from '../../../test/oauth';
import { totpCodeAt } from '../totp/totp';
import { User } from '../../account/user/users.table';

let oauth: TestOauth;
beforeAll(async () => (oauth = await startOauth()));

const failed = { code: 'oauth_failed' };
const back = async (person = aPerson()) => oauth.visit(await oauth.begin('acme'), person);

it('lists the providers without secrets', async () => {
  const { data } = await oauth.auth.rpc.call(listOauthProviders, {});
  expect(data).toEqual([
    { id: 'acme', name: 'The acme' },
    { id: 'other', name: 'The other' },
    { id: 'hostile', name: 'Hostile' },
  ]);
});

it('sends the browser to the issuer with code, PKCE, state and nonce', async () => {
  const { url } = await oauth.begin('acme');
  expect(`${url.origin}${url.pathname}`).toBe(`${oauth.acme.settings.issuer}/auth`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'acme-client',
    redirect_uri: callbackUri('acme'),
    response_type: 'code',
    scope: 'openid email profile',
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    // For auth_time, the time of the sign-in there.
    max_age: '2592000',
  });
});

it.each(['acme', 'other'])(
  'creates a verified account without a password, and signs in to it the next time (%s)',
  async (provider) => {
    const person = aPerson();
    const first = await oauth.signIn(provider, person);
    expect(first).toMatchObject({
      outcome: 'signed_in',
      returnTo: '/',
      session: { user: { email: person.email, emailVerified: true, name: 'Grace Hopper', locale: 'en' } },
    });
    const id = userIdOf(first);
    expect(await oauth.auth.dataSource.manager.findOneByOrFail(User, { id })).toMatchObject({ passwordHash: null });
    // The email address there has changed by then, but not the one of the account here.
    const second = await oauth.signIn(provider, { ...person, email: 'elsewhere@example.com', email_verified: false });
    expect(second).toMatchObject({ session: { user: { id, email: person.email } } });
  },
);

it('returns to the path from the start', async () => {
  const callback = await oauth.visit(await oauth.begin('acme', '/settings?tab=1#here'), aPerson());
  expect(await oauth.finish(callback)).toMatchObject({ returnTo: '/settings?tab=1#here' });
});

it.each([
  'https://evil.test',
  '//evil.test',
  '/\\evil.test',
  '/\t/evil.test',
  '/a//evil.test',
  '/\n/evil.test',
  '\\\\evil.test',
  'javascript:alert(1)',
  'evil.test',
  '',
  ' /',
  '/\ud800',
  `/${'a'.repeat(512)}`,
])('redirects nowhere else: %j', async (returnTo) => {
  await expect(oauth.auth.rpc.call(beginOauth, { provider: 'acme', returnTo })).rejects.toMatchObject({
    code: 'validation_failed',
  });
});

it.each(['nobody', 'ACME', '__proto__', 'constructor', '../acme', 'a\0b'])(
  'returns not_found for the provider %j, at the start and at the callback',
  async (provider) => {
    const notFound = { code: 'not_found' };
    await expect(oauth.auth.rpc.call(beginOauth, { provider })).rejects.toMatchObject(notFound);
    await expect(oauth.finish({ ...(await back()), provider })).rejects.toMatchObject(notFound);
  },
);

describe('refuses a callback', () => {
  it('with an unknown state, or that of another flow', async () => {
    const [callback, another] = [await back(), await oauth.begin('acme')];
    for (const state of ['x', another.url.searchParams.get('state') ?? '']) {
      await expect(oauth.finish({ ...callback, state })).rejects.toMatchObject(failed);
    }
    expect(await oauth.finish(callback)).toMatchObject({ outcome: 'signed_in' });
  });

  it('in another browser, and still works in the right one', async () => {
    const callback = await back();
    const { browserSecret } = await oauth.begin('acme');
    await expect(oauth.finish({ ...callback, browserSecret })).rejects.toMatchObject(failed);
    expect(await oauth.finish(callback)).toMatchObject({ outcome: 'signed_in' });
  });

  it('the second time, and its code in another flow', async () => {
    const callback = await back();
    await oauth.finish(callback);
    await expect(oauth.finish(callback)).rejects.toMatchObject(failed);
    const other = await back();
    await expect(oauth.finish({ ...other, code: callback.code ?? '' })).rejects.toMatchObject(failed);
  });

  it('except one of ten concurrent ones over two replicas', async () => {
    const callback = await back();
    const all = Array.from({ length: 10 }, (_, index) =>
      oauth.finish(callback, index % 2 === 0 ? oauth.auth : oauth.replica),
    );
    const settled = await Promise.allSettled(all);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of settled) if (each.status === 'rejected') expect(each.reason).toMatchObject(failed);
  });

  it('ten minutes after the start', async () => {
    const callback = await back();
    await oauth.auth.dataSource.query("UPDATE oauth_flows SET expires_at = expires_at - interval '10 minutes'");
    await expect(oauth.finish(callback)).rejects.toMatchObject(failed);
  });

  it('if the user or the issuer refuses', async () => {
    const callback = await oauth.visit(await oauth.begin('acme'), null);
    expect(callback).toMatchObject({ error: 'access_denied' });
    await expect(oauth.finish(callback)).rejects.toMatchObject(failed);
    const { code: _code, ...without } = await back();
    await expect(oauth.finish(without)).rejects.toMatchObject(failed);
  });

  it.each(['nonce', 'code_challenge'])('if the %s was replaced on the way to the issuer', async (name) => {
    const flow = await oauth.begin('acme');
    flow.url.searchParams.set(name, 'A'.repeat(43));
    await expect(oauth.finish(await oauth.visit(flow, aPerson()))).rejects.toMatchObject(failed);
  });

  it('of one issuer with the state, code or name of another (mix-up)', async () => {
    const person = aPerson();
    const begun = await Promise.all([
      oauth.begin('acme'),
      oauth.begin('acme'),
      oauth.begin('acme'),
      oauth.begin('other'),
    ]);
    const [first, second, third, other] = await Promise.all(begun.map((flow) => oauth.visit(flow, person)));
    if (!first || !second || !third || !other) throw new Error('There were four.');
    await expect(oauth.finish({ ...first, provider: 'other' })).rejects.toMatchObject(failed);
    await expect(oauth.finish({ ...second, code: other.code ?? '' })).rejects.toMatchObject(failed);
    await expect(oauth.finish({ ...third, iss: oauth.other.settings.issuer })).rejects.toMatchObject(failed);
    await expect(oauth.finish({ ...other, iss: oauth.acme.settings.issuer })).rejects.toMatchObject(failed);
  });
});

it('asks for the code with two-factor authentication', async () => {
  const { rpc, dataSource } = oauth.auth;
  const person = aPerson();
  const user = await dataSource.manager.findOneByOrFail(User, { id: userIdOf(await oauth.signIn('acme', person)) });
  const context = contextOf({ actor: await oauth.actor(user) });
  const { secret } = await rpc.call(beginTotp, {}, { context });
  await rpc.call(confirmTotp, { code: totpCodeAt(secret, Date.now()) }, { context });

  const answer = await oauth.signIn('acme', person);
  expect(answer).toEqual({ outcome: 'mfa_required', mfaToken: expect.any(String) });
  const mfaToken = answer.outcome === 'mfa_required' ? answer.mfaToken : '';
  await expect(rpc.call(completeMfa, { mfaToken, code: '000000' })).rejects.toMatchObject({ code: 'invalid_code' });
  const code = totpCodeAt(secret, Date.now() + 30_000);
  expect(await rpc.call(completeMfa, { mfaToken, code })).toMatchObject({ user: { id: user.id } });
});

it('stores no flow that a reader of the table could use', async () => {
  const { url, browserSecret } = await oauth.begin('acme');
  const rows = JSON.stringify(await oauth.auth.dataSource.query('SELECT * FROM oauth_flows'));
  for (const name of ['state', 'nonce']) expect(rows).not.toContain(url.searchParams.get(name));
  expect(rows).not.toContain(browserSecret);
});

it('records the provider, and sends no new-device email at the first sign-in', async () => {
  const context = contextOf({ client: { ip: '192.0.2.1', userAgent: 'Test', deviceId: null } });
  const callback = await back();
  const id = userIdOf(await oauth.auth.rpc.call(finishOauth, callback, { context }));
  const events = await oauth.auth.dataSource.query<{ type: string; details: object }[]>(
    'SELECT type, details FROM security_events WHERE user_id = $1 ORDER BY id',
    [id],
  );
  expect(events).toEqual([
    { type: 'registered', details: { method: 'acme' } },
    { type: 'identity_linked', details: { subject: 'The acme' } },
    { type: 'signed_in', details: { method: 'acme' } },
  ]);
});
