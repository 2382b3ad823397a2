import { register } from '#libs/contracts';
import { newId } from '#libs/database';
import { contextOf, startAuth, untilHandled, type TestAuth } from '../../../test/auth';
import { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const aRequest = (changes: { email?: string; name?: string } = {}) => ({
  email: `${newId()}@example.com`,
  password: 'tomatoes grow in june',
  name: 'Ada Lovelace',
  ...changes,
});

const announced = async (event: string): Promise<number> =>
  (await auth.dataSource.query<unknown[]>('SELECT 1 FROM outbox WHERE event = $1', [event])).length;

it('costs the same hashes, queries and events for a new, an unverified and a verified email address', async () => {
  const unverified = await auth.aUser({ emailVerifiedAt: null });
  const verified = await auth.aUser();
  const costs: unknown[] = [];
  for (const email of [undefined, unverified.email, verified.email]) {
    await untilHandled(auth);
    const hashes = auth.hasher.hashesRun;
    const events = await announced('registration.requested');
    const input = aRequest(email === undefined ? {} : { email });
    const queries = await auth.queries.during(() => auth.rpc.call(register, input, { context: contextOf() }));
    costs.push({
      // Work after the response may have started already.
      queries: queries.filter((query) => query.includes('INSERT INTO outbox ')).slice(0, 1),
      hashes: auth.hasher.hashesRun - hashes,
      events: (await announced('registration.requested')) - events,
    });
  }
  expect(costs[0]).toMatchObject({ hashes: 1, events: 1 });
  expect(costs[1]).toEqual(costs[0]);
  expect(costs[2]).toEqual(costs[0]);
});

it('creates one account for two concurrent registrations of one email address', async () => {
  const { email } = aRequest();
  await Promise.all(Array.from({ length: 10 }, () => auth.rpc.call(register, aRequest({ email }))));
  await untilHandled(auth);
  expect(await auth.dataSource.manager.countBy(User, { email })).toBe(1);
});

it('keeps name and password of a verified account', async () => {
  const owner = await auth.aUser();
  await auth.rpc.call(register, aRequest({ email: owner.email, name: 'Mallory' }));
  await untilHandled(auth);
  const { name, passwordHash } = await auth.dataSource.manager.findOneByOrFail(User, { id: owner.id });
  expect({ name, passwordHash }).toEqual({ name: owner.name, passwordHash: owner.passwordHash });
});

it.each([
  ['role', { role: 'admin' }],
  ['emailVerified', { emailVerified: true }],
  ['id', { id: newId() }],
])('refuses mass assignment of %s in the service itself', async (path, extra) => {
  await expect(auth.rpc.call(register, { ...aRequest(), ...extra })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path, code: 'unknown_field' }],
  });
});

it('refuses a password of 10,000 characters before it is hashed', async () => {
  const hashes = auth.hasher.hashesRun;
  await expect(auth.rpc.call(register, { ...aRequest(), password: 'x'.repeat(10_000) })).rejects.toMatchObject({
    code: 'validation_failed',
  });
  expect(auth.hasher.hashesRun).toBe(hashes);
});

it('writes neither password nor email address readably to the outbox', async () => {
  const input = aRequest();
  await auth.rpc.call(register, input);
  await untilHandled(auth);
  const rows = JSON.stringify(await auth.dataSource.query('SELECT * FROM outbox'));
  expect(rows).not.toContain(input.email);
  expect(rows).not.toContain(input.password);
  expect(rows).not.toContain('argon2id');
  expect(rows).not.toContain('#token=');
});
