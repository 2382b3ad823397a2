import { eventually } from '#libs/testing';
import { Client } from 'pg';
import { z } from 'zod';
import { suite } from '../e2e/suite';
import { stack } from './drill';

/** Runs something on a database of the stack as a superuser. */
export async function asSuperuser<T>(database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    host: '127.0.0.1',
    port: Number(stack.port('POSTGRES')),
    user: 'postgres',
    password: stack.secret('postgres_password'),
    database,
  });
  // A server that stops ends the connection, which is then no error of the drill.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

const heldSecond = z.tuple([z.object({ second: z.string(), isOver: z.boolean() })]);

/** Returns the second after this one on the database's clock, such as `2027-01-31 13:59:59+00`, when it has begun. */
export function nextSecond(): Promise<string> {
  return asSuperuser('postgres', async (client) => {
    const next = "date_trunc('second', clock_timestamp()) + interval '1 second'";
    const { rows } = await client.query(`SELECT (${next})::text AS second, false AS "isOver"`);
    const [{ second }] = heldSecond.parse(rows);
    const isOver = async () => {
      const now = await client.query('SELECT $1::text AS second, clock_timestamp() > $1::timestamptz AS "isOver"', [
        second,
      ]);
      return heldSecond.parse(now.rows)[0].isOver;
    };
    return await eventually(async () => (await isOver()) && second, { describe: `the second ${second} to be over` });
  });
}

/** A user with an organization, whose audit log has an entry. */
export async function anOwner() {
  const owner = await suite.aMember();
  const token = owner.session.accessToken;
  const { status, body } = await suite.call('POST', '/organizations', { token, body: { name: 'Acme' } });
  expect({ status, body }).toMatchObject({ status: 201 });
  return owner;
}

const audit = ['exec', '-T', 'auth', 'node', 'dist/scripts/audit.js'];

/** The options that make `audit verify` look for every chain as it is now. */
export async function auditHeads(): Promise<string[]> {
  const heads = await stack.compose(...audit, 'heads');
  return (heads.match(/\b[0-9a-f]{64}\b/g) ?? []).flatMap((hash) => ['--expect', hash]);
}

/** @throws Error with what `audit verify` said if a chain or an expected head isn't right */
export async function verifyAudit(expected: readonly string[]): Promise<void> {
  expect(expected.length).toBeGreaterThan(0);
  await stack.compose(...audit, 'verify', ...expected);
}

export async function signInStatus(user: { email: string; password: string }): Promise<number> {
  const { email, password } = user;
  return (await suite.call('POST', '/auth/login', { body: { email, password } })).status;
}

/** The first full backup starts with the stack. */
export async function untilBackedUp(kind: 'full' | 'logical'): Promise<void> {
  await eventually(async () => (await stack.run(...inBackup('test', '-s', `/backups/.state/${kind}`))).code === 0, {
    timeoutMs: 300_000,
    describe: `the first ${kind} backup`,
  });
}

/** A command in the container that makes backups, for `stack.run`. */
export function inBackup(...command: string[]): [string, string[]] {
  return ['docker', ['compose', 'exec', '-T', 'backup', ...command]];
}

/** Seconds that something took, rounded to tenths. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return Math.round((performance.now() - startedAt) / 100) / 10;
}
