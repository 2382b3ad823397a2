import { beginOauthReauthentication, beginTotp, logout, refresh, unlinkIdentity, type Actor } from '#libs/contracts';
import { newId } from '#libs/database';
import { decodeJwt } from 'jose';
import { as, outcome, outcomes, securityLogOf } from '../../../test/as';
import { actorOf, contextOf } from '../../../test/auth';
import { Browser } from '../../../test/browser';
import { aPerson, startOauth, userIdOf, type TestOauth } from '../../../test/oauth';
import { anHourLater, comeBack, isOld } from '../../../test/step-up';
import { User } from '../../account/user/users.table';

let oauth: TestOauth;
beforeAll(async () => (oauth = await startOauth()));

const notLinked = { code: 'identity_not_linked' };
const failed = { code: 'oauth_failed' };

describe('a user with only a provider', () => {
  it('steps up by signing in there again, in the same session', async () => {
    const person = await anHourLater(oauth);
    const finished = await oauth.finish(await comeBack(oauth, person, { returnTo: '/settings' }));
    expect(finished).toEqual({
      outcome: 'reauthenticated',
      returnTo: '/settings',
      token: { accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 600 },
    });
    const token = finished.outcome === 'reauthenticated' ? finished.token : null;
    const claims = decodeJwt(token?.accessToken ?? '');
    expect(claims).toMatchObject({ sub: person.user.id, sid: person.sessionId });
    const authenticatedAt = Number(claims['auth_time']);
    expect(Date.now() / 1_000 - authenticatedAt).toBeLessThan(60);
    const me = { context: contextOf({ actor: { ...person.actor, authenticatedAt } }) };
    expect(await oauth.auth.rpc.call(beginTotp, {}, me)).toHaveProperty('secret');
  });

  it('sees it in the security log, with the provider', async () => {
    const person = await anHourLater(oauth);
    await oauth.finish(await comeBack(oauth, person));
    const events = await oauth.auth.dataSource.query<unknown[]>(
      "SELECT details FROM security_events WHERE user_id = $1 AND type = 'reauthenticated'",
      [person.user.id],
    );
    expect(events).toEqual([{ details: { method: 'acme' } }]);
    expect((await oauth.auth.mailsTo(person.user.email)).map(({ template }) => template)).toEqual(['security-notice']);
    expect(await securityLogOf(oauth.auth, person.user)).toContain('identity_linked');
  });

  it('is sent there with code, PKCE, state and nonce, to sign in again', async () => {
    const { actor } = await anHourLater(oauth);
    const { url } = await oauth.beginStepUp(actor, 'acme');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      prompt: 'login',
      max_age: '0',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
  });

  it('must sign in there again, even if the browser is already signed in', async () => {
    const person = await anHourLater(oauth);
    const browser = new Browser([oauth.acme.settings.issuer]);
    const signInsOf = async (visit: Promise<unknown>) => {
      const before = oauth.acme.signIns;
      await visit;
      return oauth.acme.signIns - before;
    };
    expect(await signInsOf(oauth.visit(await oauth.begin('acme'), person.person, browser))).toBe(1);
    expect(await signInsOf(oauth.visit(await oauth.begin('acme'), person.person, browser))).toBe(0);
    const flow = await oauth.beginStepUp(person.actor, 'acme');
    expect(await signInsOf(oauth.visit(flow, person.person, browser))).toBe(1);
  });

  it('gets no token in a browser without our cookies, and a recent one by refreshing', async () => {
    const person = await anHourLater(oauth);
    const callback = await comeBack(oauth, person, { cookies: false });
    expect(await oauth.finish(callback)).toEqual({ outcome: 'reauthenticated', returnTo: '/', token: null });
    const { refreshToken } = person.session;
    const { accessToken } = await oauth.auth.rpc.call(refresh, { refreshToken });
    expect(Date.now() / 1_000 - Number(decodeJwt(accessToken)['auth_time'])).toBeLessThan(60);
  });
});

describe('an unlinked account at the provider', () => {
  it.each([
    ['to anybody', async () => aPerson()],
    ['to this user, but to another one', async () => (await anHourLater(oauth)).person],
  ])('%s confirms no one, and is not linked', async (_whose, whom) => {
    const person = await anHourLater(oauth);
    const other = await whom();
    const callback = await oauth.visit(await oauth.beginStepUp(person.actor, 'acme'), other);
    await expect(oauth.finish(callback)).rejects.toMatchObject(notLinked);
    expect(await isOld(oauth, person.sessionId)).toBe(true);
    const sql = 'SELECT subject FROM identities WHERE user_id = $1';
    expect(await oauth.auth.dataSource.query(sql, [person.user.id])).toEqual([{ subject: person.person.sub }]);
  });

  it('is not confused with the same subject of another issuer', async () => {
    const person = await anHourLater(oauth);
    await oauth.link(person.user, 'other', aPerson());
    const callback = await oauth.visit(await oauth.beginStepUp(person.actor, 'other'), person.person);
    await expect(oauth.finish(callback)).rejects.toMatchObject(notLinked);
  });

  it('is refused before anyone is sent there', async () => {
    const { actor } = await anHourLater(oauth);
    await expect(oauth.beginStepUp(actor, 'other')).rejects.toMatchObject(notLinked);
    await expect(oauth.beginStepUp(actor, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is also refused if it was unlinked meanwhile', async () => {
    const person = await anHourLater(oauth);
    await oauth.link(person.user, 'other', aPerson());
    const callback = await comeBack(oauth, person);
    const [identity] = await oauth.auth.dataSource.query<{ id: string }[]>(
      "SELECT id FROM identities WHERE user_id = $1 AND provider = 'acme'",
      [person.user.id],
    );
    await oauth.auth.rpc.call(unlinkIdentity, { id: identity?.id ?? '' }, as(person.user, person.sessionId));
    await expect(oauth.finish(callback)).rejects.toMatchObject(notLinked);
  });
});

describe('a flow', () => {
  it('works only in its browser, once of eight concurrent callbacks', async () => {
    const person = await anHourLater(oauth);
    const callback = await comeBack(oauth, person);
    const { browserSecret } = await oauth.beginStepUp(person.actor, 'acme');
    await expect(oauth.finish({ ...callback, browserSecret })).rejects.toMatchObject(failed);
    const results = await outcomes(
      Array.from({ length: 8 }, (_, index) => oauth.finish(callback, index % 2 === 0 ? oauth.auth : oauth.replica)),
    );
    expect(results.filter((result) => result === 'ok')).toHaveLength(1);
    expect(new Set(results)).toEqual(new Set(['oauth_failed', 'ok']));
  });

  it('for sign-in or linking does not step up, and one for step-up does not sign in', async () => {
    const person = await anHourLater(oauth);
    const finished = await oauth.finish(await oauth.visit(await oauth.begin('acme'), person.person));
    expect(userIdOf(finished)).toBe(person.user.id);
    await oauth.finish(
      await oauth.visit(await oauth.beginLink(actorOf(person.user, person.sessionId), 'acme'), person.person),
    );
    expect(await isOld(oauth, person.sessionId)).toBe(true);
    const sessions = () => oauth.auth.dataSource.query('SELECT id FROM sessions WHERE user_id = $1', [person.user.id]);
    const before = await sessions();
    await oauth.finish(await comeBack(oauth, person));
    expect(await sessions()).toEqual(before);
  });

  it('ends with its session', async () => {
    const [ended, signedOut] = [await anHourLater(oauth), await anHourLater(oauth)];
    const [first, second] = [await comeBack(oauth, ended), await comeBack(oauth, signedOut)];
    await oauth.auth.rpc.call(logout, { sessionId: ended.sessionId });
    await oauth.auth.dataSource.manager.increment(User, { id: signedOut.user.id }, 'sessionEpoch', 1);
    for (const callback of [first, second]) await expect(oauth.finish(callback)).rejects.toMatchObject(failed);
  });

  it('that the user cancels keeps the age of the session', async () => {
    const { actor, sessionId } = await anHourLater(oauth);
    const callback = await oauth.visit(await oauth.beginStepUp(actor, 'acme'), null);
    await expect(oauth.finish(callback)).rejects.toMatchObject(failed);
    expect(await isOld(oauth, sessionId)).toBe(true);
  });
});

it('refuses API keys, impersonations, and requests without a session', async () => {
  const person = await anHourLater(oauth);
  const { actor, user, sessionId } = person;
  const begin = (who: Actor | null) =>
    outcome(
      oauth.auth.rpc.call(
        beginOauthReauthentication,
        { provider: 'acme', cookies: true },
        { context: contextOf({ actor: who }) },
      ),
    );
  const key = { userId: user.id, apiKeyId: newId(), organizationId: null, roles: [], scopes: ['profile:read'] };
  expect(await begin({ kind: 'api_key', ...key })).toBe('insufficient_scope');
  expect(await begin({ ...actor, impersonatorId: newId(), readOnly: false })).toBe('impersonation_read_only');
  expect(await begin(null)).toBe('unauthenticated');
  const callback = await comeBack(oauth, person);
  const { id: staff } = await oauth.auth.aUser();
  await oauth.auth.dataSource.query('UPDATE sessions SET impersonator_id = $1 WHERE id = $2', [staff, sessionId]);
  await expect(oauth.finish(callback)).rejects.toMatchObject(failed);
});

it('does not reveal in its table what a step-up is bound to', async () => {
  const { actor } = await anHourLater(oauth);
  await oauth.beginStepUp(actor, 'acme');
  const rows = JSON.stringify(await oauth.auth.dataSource.query('SELECT * FROM oauth_flows'));
  expect(rows).not.toMatch(/since|secondFactor|cookies/);
});
