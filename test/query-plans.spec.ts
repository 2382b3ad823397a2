import { rpcContractsOf } from '#libs/contracts';
import { createDataSource, queryRows } from '#libs/database';
import { PasswordHasher } from '#libs/encryption';
import { cleanupOnce, testDatabase, testRedis, type TestDatabase } from '#libs/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import { verifyAuditLog } from '#libs/audit';
import { migrations } from '../apps/auth/src/database';
import type { Case } from '../tools/query-plans/cases';
import { loadRows } from '../tools/query-plans/loader';
import { allCases, largeTables, scannedIn, tableSizes } from '../tools/query-plans/measure';
import type { Plan } from '../tools/query-plans/plans';
import { tellPlans } from '../tools/query-plans/recorder';
import { smallScale } from '../tools/query-plans/scale';
import { MeasuredAuth } from '../tools/query-plans/service';
import { subjectsOf, type Subjects } from '../tools/query-plans/subjects';

const password = 'a very good password';
/**
 * With different parameters each. Statements that are planned once per connection run more than five times
 * in total.
 */
const callsOfEach = 2;

let database: TestDatabase;
let auth: MeasuredAuth;
let subjects: Subjects;
let cases: readonly Case[];
let large: ReadonlySet<string>;

beforeAll(async () => {
  const [redis, passwordHash] = await Promise.all([testRedis(), new PasswordHasher().hash(password)]);
  database = await testDatabase('plans', migrations);
  await loadRows(database.url, smallScale, passwordHash);
  subjects = await subjectsOf(database.url, callsOfEach);
  large = await largeTables(database.url);
  await tellPlans(database.url);
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-objects-'));
  cleanupOnce(async () => rmSync(folder, { recursive: true, force: true }));
  auth = await MeasuredAuth.start(database.serviceUrl, redis.url, folder);
  cleanupOnce(() => auth.close());
  cases = await allCases({ auth, subjects, deepest: 2 }, password);
});

/** Refused on purpose, after a lookup. */
const refused: Readonly<Record<string, string>> = {
  'API key, unknown': 'unauthenticated',
  'refresh token, unknown': 'refresh_token_invalid',
  'sign-in, unknown address': 'invalid_credentials',
  'mailed link, unknown': 'token_invalid',
  'organization, by a stranger': 'not_found',
  'link of an invitation, unknown': 'token_invalid',
  'whether the staff still stands': 'not_found',
};

it('serves every list and lookup, and finds rows in large tables by an index', async () => {
  const responses: Record<string, unknown> = {};
  const scanned: string[] = [];
  for (const { title, ask } of cases) {
    for (let sample = 0; sample < callsOfEach; sample++) {
      const { response, plans } = await ask(sample);
      if (typeof response === 'string') responses[title] = response;
      scanned.push(...scannedIn(plans, large).map((what) => `${title}: ${what}`));
    }
  }
  expect(scanned).toEqual([]);
  expect(responses).toEqual(refused);
});

/** These read only Redis. */
const withoutDatabase = ['inspectDeadLetter', 'listDeadLetters'];

it('covers every contract that reads', () => {
  const reading = rpcContractsOf('auth').filter(({ effect }) => effect === 'read');
  const missing = reading
    .map(({ name }) => name.replace('auth.', ''))
    .filter((name) => !auth.called.has(`auth.${name}`));
  expect(missing.toSorted()).toEqual(withoutDatabase);
});

it('has tables large enough that their plans matter', async () => {
  const tables = [...(await tableSizes(database.url)).keys()];
  expect(tables.filter((table) => !large.has(table)).toSorted()).toEqual(['migrations']);
});

it('loads valid audit chains', async () => {
  const source = await createDataSource({
    url: database.serviceUrl,
    service: 'auth',
    poolSize: 1,
    entities: [],
  }).initialize();
  cleanupOnce(() => source.destroy());
  for (const scope of ['platform' as const, { organizationId: subjects.largest.id }]) {
    const { counts, broken } = await verifyAuditLog(source, scope);
    expect(broken).toEqual([]);
    expect(counts.entries).toBeGreaterThan(100);
  }
});

describe('the check itself', () => {
  const plansOf = async (work: () => Promise<unknown>): Promise<readonly Plan[]> => (await auth.run(work)).plans;

  it('reports a query that no index serves', async () => {
    const sql = 'SELECT id FROM security_events WHERE request_id = $1';
    const plans = await plansOf(() => queryRows(auth.dataSource.manager, sql, ['request'], z.unknown()));
    expect(scannedIn(plans, large)).toEqual([`security_events: ${sql}`]);
  });

  it('reports a missing index', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    cleanupOnce(() => client.end());
    await client.query('DROP INDEX identities_user_id_idx');
    const mine = cases.find(({ title }) => title === 'one’s linked identities');
    expect(scannedIn((await mine?.ask(0))?.plans ?? [], large)).toContainEqual(expect.stringContaining('identities: '));
  });
});
