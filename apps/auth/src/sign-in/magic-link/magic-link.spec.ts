import { login, requestMagicLink, resetPassword, signInWithMagicLink, verifyEmail } from '#libs/contracts';
import { newId } from '#libs/database';
import { outcome, outcomes } from '../../../test/as';
import { password, startAuth, untilHandled, type TestAuth } from '../../../test/auth';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const request = (email: string) => auth.rpc.call(requestMagicLink, { email });
const use = (token: string) => auth.rpc.call(signInWithMagicLink, { token });

it('signs in once, even with concurrent requests', async () => {
  const { email } = await auth.aUser();
  await request(email);
  const token = await auth.mailedToken(email, 'magic-link');
  const answers = await outcomes(Array.from({ length: 5 }, () => use(token)));
  expect(answers).toEqual(['ok', ...Array<string>(4).fill('token_used')]);
});

it('expires after ten minutes', async () => {
  const user = await auth.aUser();
  await request(user.email);
  const token = await auth.mailedToken(user.email, 'magic-link');
  const [{ minutes }] = await auth.dataSource.query(
    'SELECT extract(epoch FROM expires_at - created_at)::int / 60 AS minutes FROM one_time_tokens WHERE user_id = $1',
    [user.id],
  );
  expect(minutes).toBe(10);
  await auth.dataSource.query(
    "UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1",
    [user.id],
  );
  expect(await outcome(use(token))).toBe('token_expired');
});

it('does not reset a password or verify an email address, and those links do not sign in', async () => {
  const { email } = await auth.aUser();
  await request(email);
  const token = await auth.mailedToken(email, 'magic-link');
  expect(await outcome(auth.rpc.call(resetPassword, { token, password: 'tomatoes grow in june' }))).toBe(
    'token_invalid',
  );
  expect(await outcome(auth.rpc.call(verifyEmail, { token }))).toBe('token_invalid');
  expect(await outcome(use(token))).toBe('ok');
});

it('sends a verification link to an unverified address, because someone else may have registered it', async () => {
  const { email } = await auth.aUser({ emailVerifiedAt: null });
  await request(email);
  const token = await auth.mailedToken(email, 'verify-email');
  expect(await outcome(use(token))).toBe('token_invalid');
  expect(await outcome(auth.rpc.call(verifyEmail, { token }))).toBe('ok');
  // The stranger's password does not become valid either.
  expect(await outcome(auth.rpc.call(login, { email, password }))).toBe('invalid_credentials');
});

it('responds the same for an unknown email address, and sends no email', async () => {
  const known = await auth.aUser();
  const unknown = `${newId()}@example.com`;
  expect(await request(unknown)).toEqual(await request(known.email));
  await untilHandled(auth);
  expect(await auth.mailsTo(unknown)).toEqual([]);
});
