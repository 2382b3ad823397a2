import { login, ProblemError, requestMagicLink, signInWithMagicLink } from '#libs/contracts';
import { newId } from '#libs/database';
import { aClient, outcome, outcomes, securityLogOf } from '../../../test/as';
import { contextOf, password, startAuth, startServers, untilHandled, type TestAuth } from '../../../test/auth';
import { attemptsOn, SignInAttempts } from './sign-in-attempts.table';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

const attempt = (email: string, given: string, deviceId: string | null = null) =>
  auth.rpc.call(login, { email, password: given }, { context: contextOf({ client: aClient({ deviceId }) }) });
const idOf = (email: string, deviceId: string | null = null) => Buffer.from(attemptsOn(email, deviceId), 'hex');

/** Ends all lockouts. */
const endPause = (email: string) =>
  auth.dataSource.query('UPDATE sign_in_attempts SET blocked_until = now() WHERE id = $1', [idOf(email)]);

/** The lockout that the last failure set, in seconds, however long ago that was. */
async function pauseSet(email: string): Promise<number> {
  const [{ seconds }] = await auth.dataSource.query(
    // A failure is forgotten after a day.
    "SELECT floor(extract(epoch FROM blocked_until - (expires_at - interval '24 hours')))::int AS seconds FROM sign_in_attempts WHERE id = $1",
    [idOf(email)],
  );
  return seconds;
}

async function failTimes(count: number, email: string): Promise<string[]> {
  const results: string[] = [];
  for (let index = 0; index < count; index++) {
    await endPause(email);
    results.push(await outcome(attempt(email, `guess ${index}`)));
  }
  return results;
}

async function pauseOf(email: string): Promise<number> {
  const refusal = await attempt(email, 'any').catch((error: unknown) => error);
  if (!(refusal instanceof ProblemError)) throw new Error('It was not refused.');
  expect(refusal.code).toBe('too_many_attempts');
  return refusal.retryAfterSeconds ?? 0;
}

it('ignores two failures, doubles the lockout from the third on, and never exceeds fifteen minutes', async () => {
  const { email } = await auth.aUser();
  await failTimes(2, email);
  expect(await outcome(attempt(email, 'third'))).toBe('invalid_credentials');
  const pauses = [await pauseSet(email)];
  for (let failure = 4; failure <= 13; failure++) {
    await failTimes(1, email);
    pauses.push(await pauseSet(email));
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 900, 900, 900, 900]);
});

it('refuses the right password during a lockout, accepts it afterwards, and forgets the failures', async () => {
  const { email } = await auth.aUser();
  await failTimes(5, email);
  expect(await outcome(attempt(email, password))).toBe('too_many_attempts');
  await endPause(email);
  expect(await outcome(attempt(email, password))).toBe('ok');
  expect(await auth.dataSource.query('SELECT 1 FROM sign_in_attempts WHERE id = $1', [idOf(email)])).toEqual([]);
});

it('costs no hash during a lockout, and does not extend it', async () => {
  const { email } = await auth.aUser();
  await failTimes(6, email);
  const pausedUntil = () =>
    auth.dataSource.query('SELECT blocked_until FROM sign_in_attempts WHERE id = $1', [idOf(email)]);
  const [before, hashes] = [await pausedUntil(), auth.hasher.hashesRun];
  for (let index = 0; index < 5; index++) await outcome(attempt(email, password));
  expect(await pausedUntil()).toEqual(before);
  expect(auth.hasher.hashesRun).toBe(hashes);
});

it('counts each of thirty concurrent guesses on two replicas, and checks at most ten', async () => {
  const { email } = await auth.aUser();
  const answers = await outcomes(Array.from({ length: 30 }, (_, index) => attempt(email, `guess ${index}`)));
  expect(answers.filter((code) => code === 'invalid_credentials').length).toBeLessThanOrEqual(10);
  expect(answers.filter((code) => code === 'too_many_attempts').length).toBeGreaterThanOrEqual(20);
});

describe('an attempt that was counted but not checked, because too many waited', () => {
  const attempts = () => auth.application.get(SignInAttempts, { strict: false });
  const countedAs = () => attemptsOn(`${newId()}@example.com`, null);
  const tooMany = new ProblemError('service_unavailable');
  const begin = async (id: string, times: number) => {
    const begun = [];
    for (let time = 0; time < times; time++) begun.push(await attempts().begin(id, 'nobody@example.com'));
    return begun;
  };

  it('is taken back, with the long lockout that it started', async () => {
    const id = countedAs();
    const tenth = (await begin(id, 10))[9];
    if (tenth === undefined) throw new Error('Ten were not begun.');
    await expect(attempts().begin(id, 'nobody@example.com')).rejects.toMatchObject({ code: 'too_many_attempts' });
    await expect(attempts().unlessRefused(tenth, Promise.reject(tooMany))).rejects.toBe(tooMany);
    expect(await begin(id, 1)).toEqual([{ countedAs: id, failures: 10 }]);
  });

  it('keeps the lockout of another one that failed meanwhile', async () => {
    const id = countedAs();
    const [failed, refused] = (await begin(id, 5)).slice(3);
    if (failed === undefined || refused === undefined) throw new Error('Five were not begun.');
    await attempts().fail(failed);
    await expect(attempts().unlessRefused(refused, Promise.reject(tooMany))).rejects.toBe(tooMany);
    await expect(attempts().begin(id, 'nobody@example.com')).rejects.toMatchObject({ code: 'too_many_attempts' });
  });
});

it('rate-limits an unknown email address in the same way', async () => {
  const known = await auth.aUser();
  const unknown = `${newId()}@example.com`;
  const sequences = [await failTimes(11, known.email), await failTimes(11, unknown)];
  expect(sequences[1]).toEqual(sequences[0]);
  for (const pause of [await pauseOf(unknown), await pauseOf(known.email)]) {
    // Minus the time that has passed.
    expect(pause).toBeGreaterThan(800);
    expect(pause).toBeLessThanOrEqual(900);
  }
});

it('emails the owner once at the tenth failure, and no one for an unknown email address', async () => {
  const user = await auth.aUser();
  const unknown = `${newId()}@example.com`;
  for (const email of [user.email, unknown]) await failTimes(12, email);
  await untilHandled(auth);
  const told = (await auth.mailsTo(user.email)).filter((mail) => 'event' in mail && mail.event === 'sign_in_paused');
  expect(told).toHaveLength(1);
  expect(await auth.mailsTo(unknown)).toEqual([]);
  expect(await securityLogOf(auth, user)).toContain('sign_in_paused');
});

describe('a lockout that an attacker keeps alive', () => {
  it('does not affect the owner on a known device', async () => {
    const { email } = await auth.aUser();
    await failTimes(12, email);
    expect(await outcome(attempt(email, password))).toBe('too_many_attempts');
    expect(await outcome(attempt(email, password, newId()))).toBe('ok');
  });

  it('does not affect the owner who uses a sign-in link', async () => {
    const { email } = await auth.aUser();
    await failTimes(12, email);
    await auth.rpc.call(requestMagicLink, { email });
    const token = await auth.mailedToken(email, 'magic-link');
    expect(await outcome(auth.rpc.call(signInWithMagicLink, { token }))).toBe('ok');
  });

  it('locks out a known device that guesses, but not others', async () => {
    const { email } = await auth.aUser();
    const device = newId();
    for (let index = 0; index < 3; index++) await outcome(attempt(email, `guess ${index}`, device));
    expect(await outcome(attempt(email, password, device))).toBe('too_many_attempts');
    expect(await outcome(attempt(email, password))).toBe('ok');
  });
});

it('forgets failures a day after the last one', async () => {
  const { email } = await auth.aUser();
  await failTimes(9, email);
  await auth.dataSource.query(
    "UPDATE sign_in_attempts SET expires_at = now() - interval '1 second', blocked_until = now() WHERE id = $1",
    [idOf(email)],
  );
  expect(await outcome(attempt(email, 'one more'))).toBe('invalid_credentials');
  expect(await outcome(attempt(email, password))).toBe('ok');
});

it('does not confuse look-alike email addresses, and recognizes other spellings', async () => {
  const { email } = await auth.aUser();
  expect(await outcome(attempt(email.toUpperCase(), password))).toBe('ok');
  expect(await outcome(attempt(` ${email} `, password))).toBe('ok');
  expect(await outcome(attempt(email.replace('@', '＠'), password))).toBe('ok');
  // An internationalized domain is another domain, which can have its own account.
  expect(await outcome(attempt(email.replace('example', 'ехample'), password))).toBe('invalid_credentials');
  expect(await outcome(attempt(email.replace('example', 'exam\u200bple'), password))).toBe('validation_failed');
});
