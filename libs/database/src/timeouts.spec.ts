import { testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { ensureTimeouts } from './timeouts';

const show =
  "SELECT current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l, current_setting('idle_in_transaction_session_timeout') AS i";
const role = `by_hand_${process.pid}`;
const options = { s: '15s', l: '5s', i: '30s' };

let admin: string;
let own: string;
beforeAll(async () => {
  const database = await testDatabase('timeouts');
  admin = database.url;
  await ask(admin, `CREATE ROLE ${role} LOGIN PASSWORD 'by hand'`);
  await ask(admin, `GRANT CONNECT ON DATABASE ${database.name} TO ${role}`);
  const url = new URL(admin);
  url.username = role;
  url.password = 'by%20hand';
  own = url.href;
});
afterAll(async () => {
  await ask(admin, `DROP OWNED BY ${role}`);
  await ask(admin, `DROP ROLE ${role}`);
});

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

it('gives time-outs to a role that was created by hand, which keeps other settings', async () => {
  expect(await ask(own, show)).toEqual([{ s: '0', l: '0', i: '0' }]);
  await ensureTimeouts(own, own);
  expect(await ask(own, show)).toEqual([options]);
  await ask(own, `ALTER ROLE ${role} SET search_path = public`);
  await ensureTimeouts(own, own);
  expect(await ask(own, 'SHOW search_path')).toEqual([{ search_path: 'public' }]);
});

it('leaves time-outs that an operator chose', async () => {
  const inDatabase = `ALTER ROLE ${role} IN DATABASE ${new URL(own).pathname.slice(1)}`;
  await ask(own, `${inDatabase} RESET ALL`);
  await ask(own, `${inDatabase} SET statement_timeout = '7s'`);
  await ensureTimeouts(own, own);
  expect(await ask(own, show)).toEqual([{ ...options, s: '7s' }]);
});

it('refuses to run without time-outs when something on the way removes them', async () => {
  const url = new URL(own);
  url.searchParams.set('options', '-c lock_timeout=0');
  await expect(ensureTimeouts(url.href, own)).rejects.toThrow('Connections to the database have no lock_timeout.');
});
