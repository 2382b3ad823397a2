import {
  beginPasskeySignIn,
  completeMfa,
  login,
  mfaRequired,
  refresh,
  removePasskey,
  resetPassword,
  signInWithMagicLink,
  signInWithPasskey,
  verifyEmail,
} from '#libs/contracts';
import { as, outcomes } from '../../../test/as';
import { password, startAuth, type TestAuth } from '../../../test/auth';
import { TestAuthenticator, type AssertionTampering } from '../../../test/authenticator';
import { enrol, eventsOf, sessionsOf } from '../../../test/passkeys';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

beforeEach(() => forgetAttempts());

const rejected = { code: 'passkey_rejected' };

async function aPasskey() {
  const user = await auth.aUser({ mfaEnabledAt: new Date() });
  return { user, ...(await enrol(auth, user)) };
}

/** Starts a sign-in with the right password. */
async function halfWay({ email }: User) {
  const answer = mfaRequired.parse(await auth.rpc.call(login, { email, password }));
  if (answer.passkeyOptions === undefined) throw new Error('No passkey is asked for.');
  return { ...answer, passkeyOptions: answer.passkeyOptions };
}

const complete = (mfaToken: string, passkey: ReturnType<TestAuthenticator['get']>) =>
  auth.rpc.call(completeMfa, { mfaToken, passkey });

async function answered(tampering: AssertionTampering = {}) {
  const { user, authenticator, passkey } = await aPasskey();
  const { mfaToken, passkeyOptions } = await halfWay(user);
  return {
    user,
    passkey,
    mfaToken,
    response: authenticator.get(passkeyOptions, tampering),
    authenticator,
    passkeyOptions,
  };
}

it('completes a sign-in by password', async () => {
  const { user, mfaToken, response } = await answered();
  expect(await complete(mfaToken, response)).toMatchObject({ tokenType: 'Bearer', user: { id: user.id } });
  expect(await eventsOf(auth, user, 'signed_in')).toEqual([{ method: 'password+passkey' }]);
});

it("asks for the user's own passkeys, only if there are any", async () => {
  const { user, authenticator } = await aPasskey();
  expect(await halfWay(user)).toEqual({
    type: 'mfa_required',
    mfaRequired: true,
    mfaToken: expect.any(String),
    methods: ['totp', 'passkey'],
    passkeyOptions: {
      rpId: 'app.acme.test',
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      timeout: 300_000,
      allowCredentials: [{ type: 'public-key', id: authenticator.newest(), transports: ['hybrid', 'internal'] }],
      userVerification: 'preferred',
    },
  });
  const { email } = await auth.aUser({ mfaEnabledAt: new Date() });
  const without = await auth.rpc.call(login, { email, password });
  expect(without).toEqual({ type: 'mfa_required', mfaRequired: true, mfaToken: expect.any(String), methods: ['totp'] });
});

it('does not turn two-factor authentication on', async () => {
  const user = await auth.aUser();
  await enrol(auth, user);
  expect(await auth.rpc.call(login, { email: user.email, password })).toHaveProperty('accessToken');
});

it('accepts a security key without a PIN, because the password was the first factor', async () => {
  const { mfaToken, response } = await answered({ isUserVerified: false });
  expect(
    await complete(mfaToken, { ...response, response: { ...response.response, userHandle: null } }),
  ).toHaveProperty('accessToken');
});

it.each<[string, AssertionTampering]>([
  ['from another origin', { origin: 'https://evil.test' }],
  ['for another site', { rpId: 'evil.test' }],
  ['to another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
  ['of the type of an enrollment', { type: 'webauthn.create' }],
  ['from a frame of another site', { crossOrigin: true }],
  ['without its user present', { isUserPresent: false }],
  ['with a counter that went backwards', { counter: 1 }],
  ['with another user’s handle', { userHandle: Buffer.alloc(16).toString('base64url') }],
])('counts a response %s as a wrong attempt, and keeps the sign-in open', async (_what, tampering) => {
  const { user, mfaToken, response, authenticator, passkeyOptions } = await answered(tampering);
  expect(await failures()).toBe(1);
  await expect(complete(mfaToken, response)).rejects.toMatchObject(rejected);
  expect(await failures()).toBe(2);
  expect(await sessionsOf(auth, user)).toBe(0);
  expect(await complete(mfaToken, authenticator.get(passkeyOptions))).toHaveProperty('accessToken');
  expect(await failures()).toBe(0);
});

it('rate-limits wrong responses like wrong codes', async () => {
  const { mfaToken, response } = await answered({ rpId: 'evil.test' });
  await forgetAttempts();
  const codes: string[] = [];
  for (let attempt = 0; attempt < 4; attempt++) codes.push(...(await outcomes([complete(mfaToken, response)])));
  expect(codes).toEqual(['passkey_rejected', 'passkey_rejected', 'passkey_rejected', 'too_many_attempts']);
});

it("refuses another user's passkey", async () => {
  const { user, mfaToken, passkeyOptions } = await answered();
  const other = await aPasskey();
  const response = other.authenticator.get(passkeyOptions, { with: other.authenticator.newest() });
  await expect(complete(mfaToken, response)).rejects.toMatchObject(rejected);
  expect(await sessionsOf(auth, user)).toBe(0);
});

it('accepts a response only for its own sign-in', async () => {
  const { user, mfaToken, response } = await answered();
  const second = await halfWay(user);
  await forgetAttempts();
  await expect(complete(second.mfaToken, response)).rejects.toMatchObject(rejected);
  expect(await complete(mfaToken, response)).toHaveProperty('accessToken');
});

it('completes one sign-in of eight concurrent ones', async () => {
  const { user, mfaToken, response } = await answered();
  const results = await outcomes(Array.from({ length: 8 }, () => complete(mfaToken, response)));
  expect(results.filter((result) => result === 'ok')).toHaveLength(1);
  await expect(complete(mfaToken, response)).rejects.toMatchObject({ code: 'mfa_token_invalid' });
  expect(await sessionsOf(auth, user)).toBe(1);
});

it('refuses a passkey that was removed meanwhile', async () => {
  const { user, passkey, mfaToken, response } = await answered();
  await auth.rpc.call(removePasskey, { id: passkey.id }, as(user));
  await expect(complete(mfaToken, response)).rejects.toMatchObject(rejected);
});

it('refuses a passkey if the sign-in did not ask for one', async () => {
  const user = await auth.aUser({ mfaEnabledAt: new Date() });
  const { mfaToken } = mfaRequired.parse(await auth.rpc.call(login, { email: user.email, password }));
  const { authenticator } = await enrol(auth, user);
  const response = authenticator.get(await auth.rpc.call(beginPasskeySignIn, {}));
  await expect(complete(mfaToken, response)).rejects.toMatchObject(rejected);
});

it('keeps its challenges apart from those of passkey sign-in', async () => {
  const { mfaToken, response, authenticator } = await answered();
  await expect(auth.rpc.call(signInWithPasskey, { response })).rejects.toMatchObject(rejected);
  const passwordless = authenticator.get(await auth.rpc.call(beginPasskeySignIn, {}));
  await expect(complete(mfaToken, passwordless)).rejects.toMatchObject(rejected);
});

it('refuses the token of an unfinished sign-in for everything else', async () => {
  const { mfaToken } = await answered();
  const token = mfaToken;
  const refused = { code: 'token_invalid' };
  await expect(auth.rpc.call(verifyEmail, { token })).rejects.toMatchObject(refused);
  await expect(auth.rpc.call(signInWithMagicLink, { token })).rejects.toMatchObject(refused);
  await expect(auth.rpc.call(resetPassword, { token, password: 'another good one' })).rejects.toMatchObject(refused);
  const asRefreshToken = auth.rpc.call(refresh, { refreshToken: token });
  await expect(asRefreshToken).rejects.toMatchObject({ code: 'refresh_token_invalid' });
});

it('accepts exactly one factor', async () => {
  const { mfaToken, response } = await answered();
  const both = auth.rpc.call(completeMfa, { mfaToken, passkey: response, code: '123456' });
  await expect(both).rejects.toMatchObject({ code: 'validation_failed' });
});

/** The attempts of unfinished sign-ins, including their right passwords, which count until completion. */
async function failures(): Promise<number> {
  const rows = await auth.dataSource.query<{ failures: number }[]>('SELECT failures FROM sign_in_attempts');
  return rows.reduce((sum, { failures: some }) => sum + some, 0);
}

function forgetAttempts(): Promise<unknown> {
  return auth.dataSource.query('DELETE FROM sign_in_attempts');
}
