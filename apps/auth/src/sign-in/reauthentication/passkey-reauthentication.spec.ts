import {
  beginPasskey,
  beginPasskeyReauthentication,
  beginPasskeySignIn,
  logout,
  reauthenticateWithPasskey,
  removePasskey,
  signInWithPasskey,
} from '#libs/contracts';
import { decodeJwt } from 'jose';
import { outcomes, securityLogOf, signedIn } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import type { AssertionTampering } from '../../../test/authenticator';
import { enrol, expireChallenges } from '../../../test/passkeys';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const rejected = { code: 'passkey_rejected' };

/** A user without a password who signed in an hour ago. */
async function anHourLater(changes: Partial<User> = { passwordHash: null }) {
  const person = await signedIn(auth, changes);
  const enrolled = await enrol(auth, person.user);
  await auth.dataSource.query("UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1", [
    person.sessionId,
  ]);
  return { ...person, ...enrolled };
}

type Person = Awaited<ReturnType<typeof anHourLater>>;

async function answerOf({ me, authenticator }: Person, tampering: AssertionTampering = {}) {
  const options = await auth.rpc.call(beginPasskeyReauthentication, {}, me);
  return authenticator.get(options, { with: authenticator.newest(), ...tampering });
}

const confirm = ({ me }: Person, response: Awaited<ReturnType<typeof answerOf>>) =>
  auth.rpc.call(reauthenticateWithPasskey, { response }, me);

it('steps up an account with a passkey and no password', async () => {
  const person = await anHourLater();
  const { accessToken } = await confirm(person, await answerOf(person));
  const claims = decodeJwt(accessToken);
  expect(claims['sid']).toBe(person.sessionId);
  expect(Date.now() / 1_000 - Number(claims['auth_time'])).toBeLessThan(60);
  expect(await securityLogOf(auth, person.user)).toContain('reauthenticated');
});

it('counts as two factors with two-factor authentication', async () => {
  const person = await anHourLater({ mfaEnabledAt: new Date() });
  expect(await confirm(person, await answerOf(person))).toHaveProperty('accessToken');
});

it("asks for the user's own passkeys, with user verification", async () => {
  const { me, authenticator } = await anHourLater();
  expect(await auth.rpc.call(beginPasskeyReauthentication, {}, me)).toMatchObject({
    allowCredentials: [{ type: 'public-key', id: authenticator.newest() }],
    userVerification: 'required',
  });
  const { me: without } = await signedIn(auth);
  expect(await auth.rpc.call(beginPasskeyReauthentication, {}, without)).toMatchObject({ allowCredentials: [] });
});

it.each<[string, AssertionTampering]>([
  ['that did not verify its user', { isUserVerified: false }],
  ['from another origin', { origin: 'https://evil.test' }],
  ['for another site', { rpId: 'evil.test' }],
  ['to a challenge of its own', { challenge: Buffer.alloc(32).toString('base64url') }],
  ['with a counter that went backwards', { counter: 0 }],
])('refuses a response %s, and keeps the age of the sign-in', async (_what, tampering) => {
  const person = await anHourLater();
  await confirm(person, await answerOf(person));
  await auth.dataSource.query("UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1", [
    person.sessionId,
  ]);
  await expect(confirm(person, await answerOf(person, tampering))).rejects.toMatchObject(rejected);
  const [session] = await auth.dataSource.query<{ old: boolean }[]>(
    "SELECT authenticated_at < now() - interval '59 minutes' AS old FROM sessions WHERE id = $1",
    [person.sessionId],
  );
  expect(session).toEqual({ old: true });
});

it('steps up once, of eight concurrent responses', async () => {
  const person = await anHourLater();
  const response = await answerOf(person);
  const results = await outcomes(Array.from({ length: 8 }, () => confirm(person, response)));
  expect(results.filter((result) => result === 'ok')).toHaveLength(1);
  expect(new Set(results)).toEqual(new Set(['ok', 'passkey_rejected']));
});

it('refuses a response after five minutes', async () => {
  const person = await anHourLater();
  const response = await answerOf(person);
  await expireChallenges(auth);
  await expect(confirm(person, response)).rejects.toMatchObject(rejected);
});

it("refuses another user's passkey and challenge", async () => {
  const [mine, theirs] = [await anHourLater(), await anHourLater()];
  const toMine = await auth.rpc.call(beginPasskeyReauthentication, {}, mine.me);
  const withTheirs = theirs.authenticator.get(toMine, { with: theirs.authenticator.newest() });
  await expect(confirm(mine, withTheirs)).rejects.toMatchObject(rejected);
  const toTheirs = await auth.rpc.call(beginPasskeyReauthentication, {}, theirs.me);
  const withMine = mine.authenticator.get(toTheirs, { with: mine.authenticator.newest() });
  await expect(confirm(mine, withMine)).rejects.toMatchObject(rejected);
});

it('keeps its challenges apart from those of sign-in and enrollment', async () => {
  const person = await anHourLater();
  const response = await answerOf(person);
  await expect(auth.rpc.call(signInWithPasskey, { response })).rejects.toMatchObject(rejected);
  const toSignIn = person.authenticator.get(await auth.rpc.call(beginPasskeySignIn, {}));
  await expect(confirm(person, toSignIn)).rejects.toMatchObject(rejected);
  const { challenge } = await auth.rpc.call(beginPasskey, {}, person.me);
  await expect(confirm(person, await answerOf(person, { challenge }))).rejects.toMatchObject(rejected);
  expect(await confirm(person, response)).toHaveProperty('accessToken');
});

it('refuses an ended session, and a passkey that was removed meanwhile', async () => {
  const [ended, without] = [await anHourLater(), await anHourLater({})];
  const [first, second] = [await answerOf(ended), await answerOf(without)];
  await auth.rpc.call(logout, { sessionId: ended.sessionId });
  await expect(confirm(ended, first)).rejects.toMatchObject({ code: 'unauthenticated' });
  await auth.rpc.call(removePasskey, { id: without.passkey.id }, without.me);
  await expect(confirm(without, second)).rejects.toMatchObject(rejected);
});
