import { beginTotp, completeMfa, confirmTotp, type SessionActor } from '#libs/contracts';
import { decodeJwt, type JWTPayload } from 'jose';
import { outcome } from '../../../test/as';
import { actorOf, contextOf } from '../../../test/auth';
import { tokens } from '../../../test/hostile-issuer';
import { aPerson, startOauth, userIdOf, type Finished, type TestOauth } from '../../../test/oauth';
import { totpCodeAt } from '../totp/totp';
import { User } from '../../account/user/users.table';

let oauth: TestOauth;
beforeAll(async () => (oauth = await startOauth()));

const now = () => Math.floor(Date.now() / 1_000);
const authTimeIn = (accessToken: string) => Number(decodeJwt(accessToken)['auth_time']);

async function signIn(person: ReturnType<typeof aPerson>, changes: JWTPayload): Promise<Finished> {
  oauth.hostile.answer = async (claims, issuer) => tokens(await issuer.sign({ ...claims, ...person, ...changes }));
  return oauth.signIn('hostile', person);
}

/** Tries an act that needs a recent sign-in, with the access token of this sign-in. */
async function sensitiveAct(finished: Finished): Promise<string> {
  if (finished.outcome !== 'signed_in') throw new Error(`The outcome was ${finished.outcome}.`);
  const { user, accessToken } = finished.session;
  const { sid } = decodeJwt<{ sid: string }>(accessToken);
  const owner = await oauth.auth.dataSource.manager.findOneByOrFail(User, { id: user.id });
  const actor: SessionActor = { ...actorOf(owner, sid), authenticatedAt: authTimeIn(accessToken) };
  return outcome(oauth.auth.rpc.call(beginTotp, {}, { context: contextOf({ actor }) }));
}

it.each<[string, JWTPayload, string]>([
  ['does not say when', {}, 'reauthentication_required'],
  ['says an hour ago', { auth_time: now() - 3_600 }, 'reauthentication_required'],
  ['says in an hour', { auth_time: now() + 3_600 }, 'reauthentication_required'],
  ['says an impossible time', { auth_time: 1e300 }, 'reauthentication_required'],
  ['says a minute ago', { auth_time: now() - 60 }, 'ok'],
])('treats a sign-in as recent only if the issuer proves it: one that %s', async (_what, changes, expected) => {
  const person = aPerson();
  for (const which of ['first', 'next']) {
    expect({ which, outcome: await sensitiveAct(await signIn(person, changes)) }).toEqual({ which, outcome: expected });
  }
});

it('dates the session by auth_time, never later than now', async () => {
  const timeOf = async (auth_time: number) => {
    const finished = await signIn(aPerson(), { auth_time });
    return finished.outcome === 'signed_in' ? authTimeIn(finished.session.accessToken) : undefined;
  };
  const [anHourAgo, aheadABit] = [now() - 3_600, now() + 20];
  expect(await timeOf(anHourAgo)).toBe(anHourAgo);
  expect(await timeOf(aheadABit)).toBeLessThan(aheadABit);
});

it('requests auth_time, which an honest issuer sends', async () => {
  for (const provider of ['acme', 'other']) {
    expect(await sensitiveAct(await oauth.signIn(provider, aPerson()))).toBe('ok');
  }
});

it('keeps the age of the first factor after the second', async () => {
  const { rpc, dataSource } = oauth.auth;
  const person = aPerson();
  const user = await dataSource.manager.findOneByOrFail(User, { id: userIdOf(await signIn(person, {})) });
  const context = contextOf({ actor: await oauth.actor(user) });
  const { secret } = await rpc.call(beginTotp, {}, { context });
  await rpc.call(confirmTotp, { code: totpCodeAt(secret, Date.now()) }, { context });

  const anHourAgo = now() - 3_600;
  const answer = await signIn(person, { auth_time: anHourAgo });
  const mfaToken = answer.outcome === 'mfa_required' ? answer.mfaToken : '';
  const code = totpCodeAt(secret, Date.now() + 30_000);
  const { accessToken } = await rpc.call(completeMfa, { mfaToken, code });
  expect(authTimeIn(accessToken)).toBe(anHourAgo);
});
