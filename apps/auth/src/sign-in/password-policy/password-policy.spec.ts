import { changePassword, forgotPassword, login, register, resetPassword } from '#libs/contracts';
import { newId } from '#libs/database';
import { outcome, signedIn } from '../../../test/as';
import { password, startAuth, untilHandled, type TestAuth } from '../../../test/auth';
import { sha1, startRangeServer, type RangeServer } from '../../../test/range-server';

const leaked = 'tomatoes have leaked before';
const good = 'tomatoes grow in june';
const named = { name: 'Wilhelmina' };

let range: RangeServer;
let auth: TestAuth;
beforeAll(async () => {
  range = await startRangeServer();
  range.leaked.set(leaked, 12);
  auth = await startAuth(undefined, { BREACHED_PASSWORDS_URL: range.url });
});

/** The errors of a refused call, and how many hashes it cost. */
async function refusalOf(call: () => Promise<unknown>): Promise<unknown> {
  const before = auth.hasher.hashesRun;
  const error: unknown = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, hashes: auth.hasher.hashesRun - before };
}

const refusal = (path: string, code: string, hashes = 0) => ({
  error: expect.objectContaining({
    code: 'validation_failed',
    errors: [{ path, code, message: expect.stringMatching(/Choose/) }],
  }),
  hashes,
});

const bad = [
  ['common', 'Password123', 'password_common'],
  ['similar to its owner', 'w1lhelmina-7', 'password_similar'],
  ['known to have leaked', leaked, 'password_breached'],
] as const;

describe('a bad password', () => {
  it.each(bad)('%s is refused at registration, before it is hashed', async (_what, chosen, code) => {
    const input = { email: `${newId()}@example.com`, password: chosen, ...named };
    expect(await refusalOf(() => auth.rpc.call(register, input))).toEqual(refusal('password', code));
  });

  it.each(bad)('%s is refused at a reset, whose link stays valid', async (_what, chosen, code) => {
    const user = await auth.aUser(named);
    await auth.rpc.call(forgotPassword, { email: user.email });
    const token = await auth.mailedToken(user.email, 'password-reset');
    expect(await refusalOf(() => auth.rpc.call(resetPassword, { token, password: chosen }))).toEqual(
      refusal('password', code),
    );
    await auth.rpc.call(resetPassword, { token, password: good });
    expect(await outcome(auth.rpc.call(login, { email: user.email, password: good }))).toBe('ok');
  });

  it.each(bad)('%s is refused at a change, after the current one was checked', async (_what, chosen, code) => {
    const { user, me } = await signedIn(auth, named);
    const change = (currentPassword: string) =>
      refusalOf(() => auth.rpc.call(changePassword, { currentPassword, newPassword: chosen }, me));
    expect(await change('not the password')).toMatchObject({ error: { code: 'invalid_credentials' } });
    expect(await change(password)).toEqual(refusal('newPassword', code, 1));
    expect(await outcome(auth.rpc.call(login, { email: user.email, password }))).toBe('ok');
  });
});

it('does not reveal through a made-up reset token whether a password resembles an account', async () => {
  const user = await auth.aUser(named);
  const asked = range.requests.length;
  for (const token of ['x', `${user.id}.${user.id}`, `${'A'.repeat(22)}.${'A'.repeat(43)}`]) {
    expect(await outcome(auth.rpc.call(resetPassword, { token, password: 'wilhelmina' }))).toBe('token_invalid');
  }
  expect(range.requests.length).toBe(asked);
});

it('does not count refused new passwords as guesses', async () => {
  const { me } = await signedIn(auth, named);
  const change = (newPassword: string) =>
    outcome(auth.rpc.call(changePassword, { currentPassword: password, newPassword }, me));
  for (let time = 0; time < 12; time++) expect(await change('Password123')).toBe('validation_failed');
  expect(await change(good)).toBe('ok');
});

it('costs the same for known and unknown email addresses, and for good and bad passwords', async () => {
  const user = await auth.aUser(named);
  const costOf = async (email: string, chosen: string) => {
    await untilHandled(auth);
    const [hashes, asked] = [auth.hasher.hashesRun, range.requests.length];
    let answer = '';
    const queries = await auth.queries.during(async () => {
      answer = await outcome(auth.rpc.call(register, { email, password: chosen, ...named }));
    });
    // Work after the response may have started already.
    const own = queries.filter((query) => query.includes('INSERT INTO outbox ')).slice(0, 1);
    const sent = range.requests.slice(asked).map(({ url }) => url);
    return { answer, hashes: auth.hasher.hashesRun - hashes, own, sent };
  };
  for (const chosen of [good, leaked, 'Password123', 'wilhelmina7']) {
    const known = await costOf(user.email, chosen);
    expect(known.sent).toEqual(chosen === good || chosen === leaked ? [`/range/${sha1(chosen).slice(0, 5)}`] : []);
    expect(await costOf(`${newId()}@example.com`, chosen)).toEqual(known);
  }
});

it('lets users register while the service is down', async () => {
  range.answer = () => undefined;
  const input = { email: `${newId()}@example.com`, password: leaked, ...named };
  expect(await outcome(auth.rpc.call(register, input))).toBe('ok');
  range.answer = undefined;
});
