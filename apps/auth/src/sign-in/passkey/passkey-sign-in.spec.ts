import { beginPasskey, beginPasskeySignIn, signInWithPasskey, type PasskeyRequestOptions } from '#libs/contracts';
import { as, outcomes } from '../../../test/as';
import { contextOf, publicUrl, startAuth, startServers, type TestAuth } from '../../../test/auth';
import { TestAuthenticator, type AssertionTampering } from '../../../test/authenticator';
import { enrol, eventsOf, expireChallenges, sessionsOf } from '../../../test/passkeys';
import { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

type Assertion = ReturnType<TestAuthenticator['get']>;

const begin = () => auth.rpc.call(beginPasskeySignIn, {});
const signIn = (response: Assertion) => auth.rpc.call(signInWithPasskey, { response });
const rejected = { code: 'passkey_rejected' };

/** A user who signs in with a passkey, as the test wants it. */
async function aPasskey({ counts = true, ...changes }: Partial<User> & { counts?: boolean } = {}) {
  const user = await auth.aUser(changes);
  const authenticator = new TestAuthenticator(publicUrl, counts);
  const { passkey } = await enrol(auth, user, { authenticator });
  const answer = async (tampering: AssertionTampering = {}) => authenticator.get(await begin(), tampering);
  return { user, passkey, authenticator, answer };
}

describe('the options', () => {
  it('ask for any passkey of this site, and cost the same for everyone, because they name no account', async () => {
    const answers: PasskeyRequestOptions[] = [];
    const costs = [];
    for (const user of [(await aPasskey()).user, await auth.aUser()]) {
      const client = { ip: '203.0.113.9', userAgent: 'Firefox', deviceId: user.id };
      const call = () => auth.rpc.call(beginPasskeySignIn, {}, { context: contextOf({ client }) });
      costs.push((await auth.queries.during(async () => answers.push(await call()))).length);
    }
    const [first, second] = answers.map(({ challenge: _challenge, ...rest }) => rest);
    expect(first).toEqual({
      rpId: 'app.acme.test',
      timeout: 300_000,
      allowCredentials: [],
      userVerification: 'required',
    });
    expect(second).toEqual(first);
    expect(new Set(costs).size).toBe(1);
    expect(new Set(answers.map(({ challenge }) => challenge)).size).toBe(2);
  });
});

describe('signing in with a passkey', () => {
  it('needs no password, and records the use of the passkey', async () => {
    const { user, answer } = await aPasskey({ passwordHash: null });
    expect(await signIn(await answer())).toMatchObject({ tokenType: 'Bearer', user: { id: user.id } });
    expect(await eventsOf(auth, user, 'signed_in')).toEqual([{ method: 'passkey' }]);
    expect(await signIn(await answer())).toMatchObject({ user: { id: user.id } });
    expect(await usesOf(user)).toMatchObject([{ counter: '3', last_used_at: expect.any(Date) }]);
  });

  it('asks for no second factor, because the authenticator has verified its user', async () => {
    const { answer } = await aPasskey({ mfaEnabledAt: new Date() });
    expect(await signIn(await answer())).toHaveProperty('accessToken');
  });

  it('emails the owner about a new device', async () => {
    const { user, answer } = await aPasskey();
    const context = contextOf({ client: { ip: '203.0.113.9', userAgent: 'Firefox', deviceId: null } });
    await auth.rpc.call(signInWithPasskey, { response: await answer() }, { context });
    expect(await eventsOf(auth, user, 'signed_in_from_new_device')).toEqual([{ method: 'passkey' }]);
  });

  it('works repeatedly with passkeys that do not count', async () => {
    const { user, answer } = await aPasskey({ counts: false });
    for (let time = 0; time < 3; time++) expect(await signIn(await answer())).toHaveProperty('accessToken');
    expect(await usesOf(user)).toMatchObject([{ counter: '0' }]);
  });

  it.each<[string, AssertionTampering]>([
    ['from another origin', { origin: 'https://app.acme.test.evil.test' }],
    ['from another port', { origin: 'https://app.acme.test:8443' }],
    ['from a frame of another site', { crossOrigin: true }],
    ['for another site', { rpId: 'evil.test' }],
    ['to an unknown challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of the type of an enrollment', { type: 'webauthn.create' }],
    ['without its user verified', { isUserVerified: false }],
    ['without its user present', { isUserPresent: false }],
    ['without the handle of its user', { userHandle: null }],
    ['with an unknown user handle', { userHandle: Buffer.alloc(16).toString('base64url') }],
  ])('refuses a response %s', async (_what, tampering) => {
    const { user, answer } = await aPasskey();
    await expect(signIn(await answer(tampering))).rejects.toMatchObject(rejected);
    expect(await sessionsOf(auth, user)).toBe(0);
    expect(await usesOf(user)).toMatchObject([{ counter: '1', last_used_at: null }]);
  });

  it("refuses a response with another user's handle", async () => {
    const [mine, theirs] = [await aPasskey(), await aPasskey()];
    const userHandle = (await theirs.answer()).response.userHandle;
    await expect(signIn(await mine.answer({ userHandle }))).rejects.toMatchObject(rejected);
  });

  it.each(['signature', 'authenticatorData', 'clientDataJSON'] as const)(
    'refuses a response with one flipped bit in the %s',
    async (member) => {
      const { answer } = await aPasskey();
      const good = await answer();
      const bytes = Buffer.from(good.response[member], 'base64url');
      // In the signature's R; in authenticatorData the counter; in clientDataJSON a word that is not checked.
      const at = { signature: 10, authenticatorData: 36, clientDataJSON: bytes.length - 5 }[member];
      bytes.writeUInt8(bytes.readUInt8(at) ^ 2, at);
      const response = { ...good.response, [member]: bytes.toString('base64url') };
      await expect(signIn({ ...good, response })).rejects.toMatchObject(rejected);
    },
  );

  it('refuses a credential that is not registered', async () => {
    const stranger = new TestAuthenticator(publicUrl);
    stranger.create(await auth.rpc.call(beginPasskey, {}, as(await auth.aUser())));
    await expect(signIn(stranger.get(await begin()))).rejects.toMatchObject(rejected);
  });

  it('refuses the response of one passkey under the id of another', async () => {
    const [mine, theirs] = [await aPasskey(), await aPasskey()];
    const { id, response } = await theirs.answer();
    const forged = { ...(await mine.answer()), id, rawId: id };
    forged.response.userHandle = response.userHandle;
    await expect(signIn(forged)).rejects.toMatchObject(rejected);
  });

  it('accepts a response once, of fifty concurrent ones over two replicas', async () => {
    const { user, answer } = await aPasskey({ counts: false });
    const response = await answer();
    const results = await outcomes(Array.from({ length: 50 }, () => signIn(response)));
    expect(results.filter((result) => result === 'ok')).toHaveLength(1);
    expect(new Set(results)).toEqual(new Set(['ok', 'passkey_rejected']));
    await expect(signIn(response)).rejects.toMatchObject(rejected);
    expect(await sessionsOf(auth, user)).toBe(1);
  });

  it('refuses a response after five minutes', async () => {
    const { answer } = await aPasskey();
    const response = await answer();
    await expireChallenges(auth);
    await expect(signIn(response)).rejects.toMatchObject(rejected);
  });

  it('refuses the response to an enrollment challenge, which stays valid', async () => {
    const { user, authenticator } = await aPasskey();
    const enrollment = await auth.rpc.call(beginPasskey, {}, as(user));
    const response = authenticator.get({ ...(await begin()), challenge: enrollment.challenge });
    await expect(signIn(response)).rejects.toMatchObject(rejected);
    const made = new TestAuthenticator(publicUrl).create(enrollment);
    await expect(signIn({ ...made, response: { ...response.response, ...made.response } })).rejects.toMatchObject(
      rejected,
    );
  });

  it('refuses a counter that does not increase, because it indicates a clone', async () => {
    const { user, answer } = await aPasskey();
    await signIn(await answer({ counter: 7 }));
    for (const counter of [7, 6, 1, 0]) await expect(signIn(await answer({ counter }))).rejects.toMatchObject(rejected);
    expect(await usesOf(user)).toMatchObject([{ counter: '7' }]);
    expect(await signIn(await answer({ counter: 8 }))).toHaveProperty('accessToken');
  });

  it('accepts one of two concurrent responses with the same counter', async () => {
    for (let round = 0; round < 10; round++) {
      const { user, answer } = await aPasskey();
      const clones = [await answer({ counter: 5 }), await answer({ counter: 5 })];
      expect(await outcomes(clones.map(signIn))).toEqual(['ok', 'passkey_rejected']);
      expect(await sessionsOf(auth, user)).toBe(1);
    }
  });

  it('reveals an unverified email address only with the passkey', async () => {
    const { user, answer } = await aPasskey();
    await auth.dataSource.manager.update(User, { id: user.id }, { emailVerifiedAt: null });
    await expect(signIn(await answer())).rejects.toMatchObject({ code: 'email_not_verified' });
    await expect(signIn(await answer({ rpId: 'evil.test' }))).rejects.toMatchObject(rejected);
  });

  it('refuses larger input than authenticators send', async () => {
    const { answer } = await aPasskey();
    const good = await answer();
    const withResponse = (changes: object) => ({ ...good, response: { ...good.response, ...changes } });
    const hostile = [
      { ...good, id: 'a'.repeat(1_365), rawId: 'a'.repeat(1_365) },
      withResponse({ clientDataJSON: 'a'.repeat(4_097) }),
      withResponse({ authenticatorData: 'a'.repeat(2_049) }),
      withResponse({ signature: 'a'.repeat(2_049) }),
      withResponse({ userHandle: 'a'.repeat(87) }),
      withResponse({ signature: 'not base64url!' }),
    ];
    for (const response of hostile) await expect(signIn(response)).rejects.toMatchObject({ code: 'validation_failed' });
    const short = withResponse({ authenticatorData: Buffer.alloc(36).toString('base64url') });
    await expect(signIn(short)).rejects.toMatchObject(rejected);
  });
});

function usesOf(user: User): Promise<unknown[]> {
  return auth.dataSource.query('SELECT counter, last_used_at FROM passkeys WHERE user_id = $1', [user.id]);
}
