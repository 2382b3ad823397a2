import { exclusively, testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { provisionDatabase, type ProvisionedDatabase } from './provision';

const passwords = { ownerPassword: 'owner pass/word:1', servicePassword: "service'pass?2" };
let adminUrl: string;
let billing: ProvisionedDatabase;
let gateway: ProvisionedDatabase;

exclusively('databases of services');
beforeAll(async () => {
  adminUrl = (await testDatabase('provision')).url;
  billing = await provisionDatabase(adminUrl, 'billing', passwords);
  gateway = await provisionDatabase(adminUrl, 'gateway', passwords);
  await as(billing.ownerUrl, (owner) => owner.query('CREATE TABLE IF NOT EXISTS invoices (id bigserial, total int)'));
});

describe('the role of the service', () => {
  const mayRun = (sql: string) => as(billing.serviceUrl, (client) => client.query(sql));

  it('can read and write rows of tables that the owner creates', async () => {
    const inserted = await mayRun('INSERT INTO invoices (total) VALUES (4200) RETURNING total');
    expect(inserted.rows).toEqual([{ total: 4200 }]);
    await mayRun('UPDATE invoices SET total = 1');
    await mayRun('DELETE FROM invoices');
    expect((await mayRun('SELECT * FROM invoices')).rows).toEqual([]);
  });

  it('has time-outs, so that no statement holds its locks forever', async () => {
    const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    const { rows } = await as(billing.serviceUrl, (client) =>
      client.query('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [names]),
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      statement_timeout: '15000',
      lock_timeout: '5000',
      idle_in_transaction_session_timeout: '30000',
    });
  });

  it.each([
    ['create a table', 'CREATE TABLE mine (id int)'],
    ['create a temporary table', 'CREATE TEMP TABLE mine (id int)'],
    ['create a schema', 'CREATE SCHEMA mine'],
    ['create a function', 'CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1'],
    ['drop a table', 'DROP TABLE invoices'],
    ['change a table', 'ALTER TABLE invoices ADD COLUMN note text'],
    ['empty a table past its triggers', 'TRUNCATE invoices'],
    ['become the owner', 'SET ROLE groundwork_billing_owner'],
    ['create a role', 'CREATE ROLE mine'],
    ['create a database', 'CREATE DATABASE mine'],
    ['read stored passwords', 'SELECT * FROM pg_authid'],
  ])('cannot %s', async (_, sql) => {
    await expect(mayRun(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|42P01)$/) });
  });

  it('cannot connect to another service’s database', async () => {
    const url = new URL(gateway.serviceUrl);
    url.pathname = '/groundwork_billing';
    await expect(as(url.href, (client) => client.query('SELECT 1'))).rejects.toMatchObject({ code: '42501' });
  });
});

it('provisioning works with a role that is not a superuser', async () => {
  await as(adminUrl, async (client) => {
    await client.query('DROP DATABASE IF EXISTS groundwork_notification WITH (FORCE)');
    await client.query("CREATE ROLE provisioner LOGIN CREATEDB CREATEROLE PASSWORD 'provisioner'");
  });
  const url = new URL(adminUrl);
  url.username = 'provisioner';
  url.password = 'provisioner';
  url.pathname = '/postgres';

  await provisionDatabase(url.href, 'notification', passwords);
  const { ownerUrl, serviceUrl } = await provisionDatabase(url.href, 'notification', passwords);

  await as(ownerUrl, (owner) => owner.query('CREATE TABLE mails (id int)'));
  expect((await as(serviceUrl, (client) => client.query('SELECT * FROM mails'))).rows).toEqual([]);
});

it('provisioning again changes a password and keeps the rows', async () => {
  await as(gateway.ownerUrl, (owner) => owner.query('CREATE TABLE kept AS SELECT 1 AS one'));

  const renewed = await provisionDatabase(adminUrl, 'gateway', {
    ownerPassword: 'renewed',
    servicePassword: 'renewed too',
  });

  await expect(as(gateway.serviceUrl, (client) => client.query('SELECT 1'))).rejects.toMatchObject({ code: '28P01' });
  expect((await as(renewed.serviceUrl, (client) => client.query('SELECT one FROM kept'))).rows).toEqual([{ one: 1 }]);
});

it('provisioning succeeds when it runs several times at once', async () => {
  const runs = await Promise.all([1, 2, 3].map(() => provisionDatabase(adminUrl, 'auth', passwords)));
  for (const { serviceUrl } of runs) await as(serviceUrl, (client) => client.query('SELECT 1'));
});

it('provisioning sends no password to the server in plain text', async () => {
  const { rows } = await as(adminUrl, (client) =>
    client.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'groundwork_billing'"),
  );
  expect(rows[0].rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
  await expect(provisionDatabase(adminUrl, 'billing', { ...passwords, servicePassword: 'pässwort' })).rejects.toThrow(
    'printable ASCII',
  );
});

async function as<Result>(url: string, run: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
