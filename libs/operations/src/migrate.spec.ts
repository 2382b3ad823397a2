import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultOf, resultOfProgram, exclusively, testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { migrate as command } from './migrate';

const passwords = {
  DATABASE_PASSWORD_NOTIFICATION_OWNER: 'own/er pass',
  DATABASE_PASSWORD_NOTIFICATION: 'service pass',
};
const folder = mkdtempSync(join(tmpdir(), 'groundwork-migrate-'));
afterAll(() => rmSync(folder, { recursive: true }));

let owner: string;
const check = () => resultOf(command, ['notification', '--check'], { DATABASE_URL_NOTIFICATION_OWNER: owner });

exclusively('databases of services');
let admin: string;
beforeAll(async () => {
  admin = (await testDatabase('provision')).url;
  const url = new URL(admin);
  url.username = 'groundwork_notification_owner';
  url.password = encodeURIComponent(passwords.DATABASE_PASSWORD_NOTIFICATION_OWNER);
  url.pathname = '/groundwork_notification';
  owner = url.href;
});

async function ask(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

// The service's name decides the names of its database and roles, so nothing may be left for other tests.
async function forget(): Promise<void> {
  await ask(admin, 'DROP DATABASE IF EXISTS groundwork_notification WITH (FORCE)');
  await ask(admin, 'DROP ROLE IF EXISTS groundwork_notification, groundwork_notification_owner');
}
beforeAll(forget);
afterAll(forget);

it('creates a database with its roles and tables once when ten run at once', async () => {
  const file = join(folder, 'admin');
  writeFileSync(file, `${admin}\n`);
  const environment = { ...passwords, DATABASE_ADMIN_URL_FILE: file };
  const run = () => resultOfProgram('migrate', ['notification', '--provision'], environment);
  const results = await Promise.all(Array.from({ length: 10 }, run));
  expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(results.filter(({ output }) => output.includes('notification: ran Create'))).toHaveLength(1);
  expect(results.filter(({ output }) => output === 'notification: up to date\n')).toHaveLength(9);
  expect(await check()).toEqual({ code: 0, output: 'notification: up to date\n' });
});

it('names what is pending and what a newer version ran, and changes nothing', async () => {
  await resultOf(command, ['notification', '--provision'], { ...passwords, DATABASE_ADMIN_URL: admin });
  await ask(
    owner,
    "UPDATE migrations SET name = 'FromTheFuture1900000000000' WHERE id = (SELECT max(id) FROM migrations)",
  );
  const first = await check();
  expect(first).toMatchObject({ code: 1 });
  expect(first.output).toMatch(
    /^notification: pending \w+\d{13}\nnotification: a newer version ran FromTheFuture1900000000000\n$/,
  );
  expect(await check()).toEqual(first);
  const [, name = ''] = /pending (\w+)/.exec(first.output) ?? [];
  await ask(owner, `UPDATE migrations SET name = '${name}' WHERE name = 'FromTheFuture1900000000000'`);
});

it.each([
  ['an unknown service', ['reporting'], {}, 'There is no service reporting.'],
  ['a missing variable', ['auth'], {}, 'DATABASE_URL_AUTH_OWNER is not set.'],
  ['a missing admin', ['auth', '--provision'], {}, 'DATABASE_ADMIN_URL is not set.'],
  ['both options', ['--check', '--provision'], {}, '--check changes nothing'],
])('says what is wrong with %s', async (_what, args, environment, message) => {
  expect(await resultOf(command, args, environment)).toEqual({ code: 2, output: expect.stringContaining(message) });
});

it('fails with the reason when the password is wrong, and never shows it', async () => {
  const url = new URL(owner);
  url.password = 'not-the-password';
  const result = await resultOf(command, ['notification'], { DATABASE_URL_NOTIFICATION_OWNER: url.href });
  expect(result).toEqual({ code: 1, output: expect.stringContaining('password authentication failed') });
  expect(result.output).not.toContain('not-the-password');
});
