import { login } from '#libs/contracts';
import { newId } from '#libs/database';
import { PasswordHasher } from '#libs/encryption';
import { ownParameters, password, startAuth, type TestAuth } from '../../../test/auth';
import { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

async function costOf(attempt: { email: string; password: string }) {
  const hashes = auth.hasher.hashesRun;
  let answer: unknown;
  const queries = await auth.queries.during(async () => {
    answer = await auth.rpc.call(login, attempt).catch((error: unknown) => error);
  });
  return { answer, hashes: auth.hasher.hashesRun - hashes, queries: queries.length };
}

it('costs the same queries and one hash, with the same response, for unknown email addresses and wrong passwords', async () => {
  const user = await auth.aUser();
  const wrong = await costOf({ email: user.email, password: 'not the password' });
  const unknown = await costOf({ email: `${newId()}@example.com`, password: 'not the password' });
  expect(unknown).toEqual(wrong);
  expect(wrong).toMatchObject({ answer: { code: 'invalid_credentials' }, hashes: 1, queries: 2 });
});

it('reveals an unverified email address only with the right password', async () => {
  const { email } = await auth.aUser({ emailVerifiedAt: null });
  expect((await costOf({ email, password })).answer).toMatchObject({ code: 'email_not_verified' });
  expect((await costOf({ email, password: 'wrong' })).answer).toMatchObject({ code: 'invalid_credentials' });
});

it('takes two statements: the attempt with the account, and the session', async () => {
  const { email } = await auth.aUser();
  expect(await costOf({ email, password })).toMatchObject({ answer: { tokenType: 'Bearer' }, hashes: 1, queries: 2 });
});

it('replaces a hash with older parameters', async () => {
  const weak = new PasswordHasher({ memoryKiB: 1_024, iterations: 1 });
  const user = await auth.aUser({ passwordHash: await weak.hash(password) });
  expect((await costOf({ email: user.email, password })).hashes).toBe(2);
  const { passwordHash } = await auth.dataSource.manager.findOneByOrFail(User, { id: user.id });
  expect(passwordHash).toContain(ownParameters);
  expect((await costOf({ email: user.email, password })).hashes).toBe(1);
});

it('accepts the same password from another keyboard', async () => {
  const composed = 'Zürich im Café';
  const { email } = await auth.aUser({ passwordHash: await auth.hasher.hash(composed.normalize('NFKC')) });
  expect((await costOf({ email, password: composed.normalize('NFD') })).answer).toHaveProperty('accessToken');
});
