import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource, newId } from '#libs/database';
import { resultOf, resultOfProgram, cleanupOnce, testDatabase, type TestDatabase } from '#libs/testing';
import { rmSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { anEntry, auditMigrations, entriesOf, record } from '../../audit/test/audit';
import { audit as command } from './audit';

let database: TestDatabase;
let source: DataSource;
beforeEach(async () => {
  database = await testDatabase('auth', auditMigrations);
  source = await createDataSource({ url: database.url, service: 'auth', poolSize: 2, entities: [] }).initialize();
});
afterEach(() => source.destroy());

/** The service’s role is enough. */
const audit = (...args: string[]) => resultOf(command, args, { DATABASE_URL: database.serviceUrl });

async function threeEntries(organizationId: string | null) {
  for (let place = 0; place < 3; place++) await record(source, anEntry(organizationId));
  return entriesOf(source, organizationId);
}

/** Anyone who can bypass the guards of the database can do this. */
async function cutOff(organizationId: string): Promise<void> {
  await source.query('ALTER TABLE audit_entries DISABLE TRIGGER USER');
  await source.query('ALTER TABLE audit_chains DISABLE TRIGGER USER');
  await source.query('DELETE FROM audit_entries WHERE organization_id = $1 AND sequence = 3', [organizationId]);
  await source.query(
    `UPDATE audit_chains head SET sequence = 2, hash = entry.hash FROM audit_entries entry
     WHERE head.organization_id = $1 AND entry.organization_id = $1 AND entry.sequence = 2`,
    [organizationId],
  );
}

it('accepts chains as they were written', async () => {
  await threeEntries(newId());
  await threeEntries(null);
  const { code, output } = await audit('verify');
  expect(output).toContain('platform: 3 entries in 1 chains\norganizations: 3 entries in 1 chains\n');
  expect(output).toContain('The audit log is unchanged.');
  expect(code).toBe(0);
});

it('fails and reports the first changed entry', async () => {
  const organizationId = newId();
  const [, second] = await threeEntries(organizationId);
  await source.query('ALTER TABLE audit_entries DISABLE TRIGGER USER');
  await source.query("UPDATE audit_entries SET act = 'x' WHERE organization_id = $1 AND sequence > 1", [
    organizationId,
  ]);
  for (const args of [['verify'], ['verify', '--organization', organizationId]]) {
    const { code, output } = await audit(...args);
    expect(output).toContain(`${organizationId}: entry 2 (${second?.id}) was changed.`);
    expect(output).not.toContain('entry 3');
    expect(code).toBe(1);
  }
});

it('finds a chain that was cut off together with its head, through a head that was stored before', async () => {
  const organizationId = newId();
  const [, second, third] = await threeEntries(organizationId);
  const heads = await audit('heads');
  const noted = third?.hash.toString('hex') ?? '';
  expect(heads).toEqual({ code: 0, output: `${organizationId}  3  ${noted}\n` });
  const file = join(tmpdir(), `heads-${randomBytes(6).toString('hex')}`);
  cleanupOnce(async () => rmSync(file));
  writeFileSync(file, heads.output);

  await record(source, anEntry(organizationId));
  expect((await audit('verify', '--expect', noted, '--expect', second?.hash.toString('hex') ?? '')).code).toBe(0);
  expect((await audit('verify', '--expect-heads', file)).code).toBe(0);

  await source.query('ALTER TABLE audit_entries DISABLE TRIGGER USER');
  await source.query('DELETE FROM audit_entries WHERE organization_id = $1 AND sequence = 4', [organizationId]);
  await cutOff(organizationId);
  expect((await audit('verify')).code).toBe(0);
  for (const args of [
    ['--expect', noted.toUpperCase()],
    ['--expect-heads', file],
  ]) {
    const { code, output } = await audit('verify', '--organization', organizationId, ...args);
    expect(output).toContain(`No entry has the expected hash ${noted}`);
    expect(code).toBe(1);
  }
});

it('shows the head of one chain, and says if there is none', async () => {
  const organizationId = newId();
  await threeEntries(organizationId);
  await threeEntries(null);
  expect((await audit('heads')).output).toMatch(/^platform {2}3 {2}[\da-f]{64}\n/);
  expect((await audit('heads', '--organization', organizationId)).output).toMatch(/^[^\n]{36} {2}3 {2}[\da-f]{64}\n$/);
  const unknown = newId();
  for (const action of ['heads', 'verify']) {
    const { code, output } = await audit(action, '--organization', unknown);
    expect(output).toContain(`The audit log has no entries for organization ${unknown}.`);
    expect(code).toBe(1);
  }
});

it.each([
  [['check']],
  [['verify', 'all']],
  [['verify', '--soon']],
  [['heads', '--expect', 'a'.repeat(64)]],
  [['verify', '--expect', 'abc']],
  [['verify', '--organization', '1']],
  [['verify', '--expect-heads', '/nowhere/at/all']],
])('exits with 2 for %j and says what is wrong', async (args) => {
  const { code, output } = await audit(...args);
  expect(output).toMatch(/Invalid arguments|Not a hash|Not an organization id|Cannot read/);
  expect(code).toBe(2);
});

it('explains itself with --help', async () => {
  expect(await resultOfProgram('audit', ['--help'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('Examples'),
  });
});
