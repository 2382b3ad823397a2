import { inspectUser, searchUsers } from '#libs/contracts';
import { newId } from '#libs/database';
import { outcome, signedIn } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { aStaffMember } from '../../../test/staff';

let auth: TestAuth;
let support: Awaited<ReturnType<typeof aStaffMember>>;
beforeAll(async () => {
  auth = await startAuth();
  support = await aStaffMember(auth, 'support');
});

const search = (query: Parameters<typeof auth.rpc.call<typeof searchUsers>>[1]) =>
  auth.rpc.call(searchUsers, query, support.me);

/** All pages, one after the other. */
async function all(query: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | undefined; ;) {
    const { data, nextCursor } = await search({ query, limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(data.length).toBeLessThanOrEqual(limit);
    found.push(...data.map(({ email }) => email));
    if (nextCursor === null) return found;
    cursor = nextCursor;
  }
}

it('finds by id, by prefix of the email address and by prefix of the name, in any case', async () => {
  const tag = newId().slice(-12);
  const user = await auth.aUser({ email: `${tag}.ada@example.com`, name: `Zoë ${tag} Lovelace` });
  for (const query of [
    user.id,
    user.id.toUpperCase(),
    tag,
    tag.toUpperCase(),
    `${tag}.ada@`,
    user.email,
    `zoë ${tag}`,
    `Zoë ${tag} L`,
  ]) {
    const { data, nextCursor } = await search({ query });
    expect({ query, ids: data.map(({ id }) => id), nextCursor }).toEqual({ query, ids: [user.id], nextCursor: null });
  }
  for (const query of [
    newId(),
    `x${tag}`,
    `Lovelace ${tag}`,
    `${tag}%`,
    `${tag}_ada`,
    `${tag}\\`,
    "'; DROP TABLE users; --",
  ]) {
    expect((await search({ query })).data).toEqual([]);
  }
});

it('finds an email address and a name as people type them', async () => {
  const tag = newId().slice(-12);
  const user = await auth.aUser({ email: `${tag}@xn--bcher-kva.example`, name: `${tag} Zoë` });
  for (const query of [`${tag}@bücher.example`, `${tag}@BU\u0308CHER.example`, `${tag} Zoe\u0308`]) {
    expect((await search({ query })).data.map(({ id }) => id)).toEqual([user.id]);
  }
});

it('returns each account once, email matches first, in pages of any size', async () => {
  const tag = newId().slice(-12);
  const people = await Promise.all([
    auth.aUser({ email: `${tag}b@example.com`, name: `${tag} Both` }),
    auth.aUser({ email: `${tag}a@example.com`, name: 'Address only' }),
    ...Array.from({ length: 3 }, () => auth.aUser({ name: `${tag} same name` })),
    auth.aUser({ name: `${tag.toUpperCase()} other name` }),
  ]);
  const [both, address, ...rest] = people.map(({ email }) => email);
  const expected = await all(tag, 100);
  expect(expected.slice(0, 3)).toEqual([address, both, rest.at(-1)]);
  expect(expected.toSorted()).toEqual(people.map(({ email }) => email).toSorted());
  for (const limit of [1, 2, 3, 4]) expect(await all(tag, limit)).toEqual(expected);
});

it('lists the newest first without a query, page by page', async () => {
  const newest = [await auth.aUser(), await auth.aUser(), await auth.aUser()].map(({ id }) => id).toReversed();
  const first = await search({ limit: 2 });
  const second = await search({ limit: 2, cursor: first.nextCursor ?? '' });
  expect([...first.data, ...second.data].map(({ id }) => id).slice(0, 3)).toEqual(newest);
});

it('refuses cursors of other lists, invalid ones, and text that PostgreSQL cannot store', async () => {
  const { nextCursor } = await search({ limit: 1 });
  const attempts = [
    { query: 'a', cursor: nextCursor ?? '' },
    { cursor: 'x' },
    {
      cursor: Buffer.from('["name","Jos\xe9","0199d1f0-0000-7000-8000-000000000000"]', 'latin1').toString('base64url'),
    },
    { cursor: Buffer.from('["key","a"]').toString('base64url') },
    { cursor: Buffer.from('["name","a","1 OR 1=1"]').toString('base64url') },
    { query: 'a', cursor: Buffer.from('[]').toString('base64url') },
    { query: 'a', cursor: Buffer.from(String.raw`["key","\u0000"]`).toString('base64url') },
    { query: 'a\0b' },
  ];
  for (const attempt of attempts) expect(await outcome(search(attempt))).toBe('validation_failed');
});

it('shows what support needs of one account, and no secret', async () => {
  const { user } = await signedIn(auth);
  const details = await auth.rpc.call(inspectUser, { id: user.id }, support.me);
  expect(details).toMatchObject({
    id: user.id,
    email: user.email,
    hasPassword: true,
    openSessions: 2,
    passkeys: 0,
    apiKeys: 0,
    identities: [],
    staffRole: null,
    suspensionReason: null,
  });
  expect(JSON.stringify(details)).not.toContain('argon2');
  expect(await outcome(auth.rpc.call(inspectUser, { id: newId() }, support.me))).toBe('not_found');
});

it('scans no table', async () => {
  await auth.dataSource.query(
    `INSERT INTO users (id, email, name, locale) SELECT gen_random_uuid(), 'many' || n || '@example.com', 'Many ' || n, 'en'
     FROM generate_series(1, 20000) n`,
  );
  await auth.dataSource.query('ANALYZE users');
  for (const query of [{ query: 'many1' }, { query: 'Many 1' }, { query: 'nobody' }, {}]) {
    const statements = await auth.queries.during(() => search(query));
    for (const statement of statements.filter((each) => each.includes('FROM users'))) {
      const parameters = parametersOf(statement, query.query ?? null);
      const plan = JSON.stringify(await auth.dataSource.query(['EXPLAIN', statement].join(' '), parameters));
      expect(plan).toMatch(
        /Index Scan (Backward )?(using|on) (users_email_prefix_idx|users_name_prefix_idx|users_pkey)/,
      );
      expect(plan).not.toContain('Seq Scan');
    }
  }
});

/** A request for a first page, as the service sends it. */
function parametersOf(statement: string, query: string | null): unknown[] {
  if (query === null) return [null, 21];
  if (statement.includes('email AS "sortedBy"')) return [query, '\u{10FFFF}', '', 21];
  return [query, '\u{10FFFF}', '', '00000000-0000-0000-0000-000000000000', 21];
}
