import { randomBytes } from 'node:crypto';
import { createDataSource } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { resultOf, resultOfProgram, testDatabase } from '#libs/testing';
import type { DataSource } from 'typeorm';
import { replaceSigningKeys, rotateSigningKey } from '../session/access-token/signing-keys.table';
import { migrations } from '../database';
import type { Command } from '#libs/command';
import { reencryptFields } from '#libs/operations';
import { signingKeys as command } from './signing-keys';

const newKey = () => `${randomBytes(32).toString('base64url')}=`;
const key = newKey();
const fernet = new Fernet([key]);

let url: string;
let source: DataSource;
beforeEach(async () => {
  ({ url } = await testDatabase('auth', migrations));
  source = await createDataSource({ url, service: 'auth', poolSize: 1, entities: [] }).initialize();
});
afterEach(() => source.destroy());

const run = (ofWhich: Command, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  resultOf(ofWhich, args, { DATABASE_URL: url, FIELD_ENCRYPTION_KEY: key, ...env });

const signingKeys = (...args: string[]) => run(command, args);
const stored = (): Promise<{ kid: string; public_key: string; private_key: string }[]> =>
  source.query('SELECT * FROM signing_keys ORDER BY signs_from DESC');
const pass = (interval: string) =>
  source.query(
    'UPDATE signing_keys SET signs_from = signs_from - $1::interval, retires_at = retires_at - $1::interval',
    [interval],
  );

/** Needs no key. */
const list = () => run(command, ['list'], { FIELD_ENCRYPTION_KEY: '' });
const cellsOf = (table: string) =>
  table
    .trimEnd()
    .split('\n')
    .map((row) => row.split(/ {2,}/));
const statesIn = (table: string) =>
  cellsOf(table)
    .slice(1)
    .map(([, state]) => state);

it('rotates, refuses a second rotation, lists the states, and prints no secret', async () => {
  await replaceSigningKeys(source, fernet);
  const rotated = await signingKeys('rotate');
  expect(rotated.output).toMatch(
    /^[\w-]{43} {2}is published and signs from 2.*Z\nThe old key is withdrawn at 2.*Z\. Nobody/,
  );
  const again = await signingKeys('rotate');
  expect(again).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^A rotation is in progress until 2.*Z\. Wait/),
  });
  const listed = await list();
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const [next, old] = await stored();
  expect(cellsOf(listed.output)).toEqual([
    ['kid', 'state', 'since', 'until'],
    [next?.kid, 'next', time, '-'],
    [old?.kid, 'signing', time, time],
  ]);
  expect([rotated.code, listed.code]).toEqual([0, 0]);
  await pass('2 minutes');
  expect(statesIn((await list()).output)).toEqual(['signing', 'retiring']);

  for (const { public_key, private_key } of await stored()) {
    const pem = fernet.decrypt(private_key).split('\n')[1] ?? '';
    expect(pem).toHaveLength(64);
    for (const secret of [private_key, pem, public_key, key]) {
      expect(rotated.output + again.output + listed.output).not.toContain(secret);
    }
  }
});

it('withdraws all old keys with --now, even during a rotation, and says what follows', async () => {
  await replaceSigningKeys(source, fernet);
  await rotateSigningKey(source, fernet);
  const { code, output } = await signingKeys('rotate', '--now');
  expect(code).toBe(0);
  expect(output).toMatch(
    /^[\w-]{43} {2}signs from 2.*Z\nAll old keys are withdrawn\. All access tokens become invalid/,
  );
  expect(statesIn((await list()).output).toSorted()).toEqual(['retired', 'retired', 'signing']);
});

it('says that there are no keys before auth has started', async () => {
  expect((await list()).output).toBe('There are no keys yet. auth creates the first one when it starts.\n');
});

it('stores what npm run reencrypt can bring under a newer key', async () => {
  await replaceSigningKeys(source, fernet);
  await rotateSigningKey(source, fernet);
  const newer = newKey();
  const { code, output } = await run(reencryptFields, ['auth'], { FIELD_ENCRYPTION_KEY: `${newer},${key}` });
  expect(output).toMatch(/^auth signing_keys\.private_key: 2 checked, 2 re-encrypted$/m);
  expect(code).toBe(0);
  for (const { private_key } of await stored()) {
    expect(new Fernet([newer]).decrypt(private_key)).toContain('BEGIN PRIVATE KEY');
  }
});

it.each([
  ['an unknown command', ['renew'], {}, /Invalid arguments: renew/],
  ['an unknown option', ['rotate', '--soon'], {}, /Invalid arguments: rotate --soon/],
  ['an option in the wrong place', ['list', '--now'], {}, /Invalid arguments: list --now/],
  ['a missing key', ['rotate'], { FIELD_ENCRYPTION_KEY: '' }, /FIELD_ENCRYPTION_KEY is not set/],
  ['a bad key', ['rotate'], { FIELD_ENCRYPTION_KEY: 'nonsense' }, /FIELD_ENCRYPTION_KEY is not valid/],
  ['a missing database', ['list'], { DATABASE_URL: '' }, /DATABASE_URL_AUTH is not set/],
])('says what is wrong with %s', async (_what, args, env: Readonly<Record<string, string>>, expected) => {
  const { code, output } = await run(command, args, env);
  expect(output).toMatch(expected);
  expect(output).not.toContain('nonsense');
  expect(code).toBe(2);
});

it('explains itself with --help', async () => {
  expect(await resultOfProgram('signing-keys', ['--help'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('Examples'),
  });
});
