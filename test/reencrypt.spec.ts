import { randomBytes } from 'node:crypto';
import { Fernet } from '#libs/encryption';
import { resultOf, resultOfProgram, testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { migrations } from '../apps/auth/src/database';
import { migrations as mailMigrations } from '../apps/notification/src/database';
import { reencryptFields } from '#libs/operations';

const newKey = () => `${randomBytes(32).toString('base64url')}=`;
const [olderKey, newerKey] = [newKey(), newKey()];

const run = (args: readonly string[], env: Record<string, string>) => resultOf(reencryptFields, args, env);

describe('npm run reencrypt', () => {
  let url: string;
  let client: Client;

  beforeAll(async () => {
    ({ url } = await testDatabase('auth', migrations));
    client = new Client({ connectionString: url });
    await client.connect();
    await client.query("INSERT INTO signing_keys (kid, public_key, private_key) VALUES ('k', 'x', $1)", [
      new Fernet([olderKey]).encrypt('a private key'),
    ]);
  });
  afterAll(() => client.end());

  const storedKey = async (): Promise<string> =>
    (await client.query("SELECT private_key FROM signing_keys WHERE kid = 'k'")).rows[0].private_key;

  it('reports values that no key opens, and fails', async () => {
    const { code, output } = await run(['auth'], { DATABASE_URL: url, FIELD_ENCRYPTION_KEY: newerKey });
    expect(output).toContain('signing_keys.private_key: no key decrypts 1 fields. They were not changed. kid: k');
    expect(output).not.toContain(newerKey);
    expect(code).toBe(1);
  });

  it('re-encrypts the services’ fields with the first key', async () => {
    const keys = `${newerKey},${olderKey}`;
    const mail = await testDatabase('notification', mailMigrations);
    const first = await run(['auth', 'notification'], {
      DATABASE_URL_AUTH: url,
      DATABASE_URL_NOTIFICATION: mail.url,
      FIELD_ENCRYPTION_KEY: keys,
    });
    expect(first.output).toMatch(/^auth signing_keys\.private_key: 1 checked, 1 re-encrypted$/m);
    expect(first.output).toMatch(/^notification mails\.content: 0 checked, 0 re-encrypted$/m);
    expect(first.code).toBe(0);
    expect(new Fernet([newerKey]).decrypt(await storedKey())).toBe('a private key');
    const second = await run(['auth'], { DATABASE_URL_AUTH: url, FIELD_ENCRYPTION_KEY: newerKey });
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining('1 checked, 0 re-encrypted') });
  });

  it.each([
    ['an unknown service', ['auht'], {}, /Unknown service: auht/],
    ['an unknown option', ['--al'], {}, /Invalid arguments: --al/],
    ['a missing key', ['auth'], { DATABASE_URL: 'postgres://x' }, /FIELD_ENCRYPTION_KEY is not set/],
    ['a bad key', ['auth'], { FIELD_ENCRYPTION_KEY: 'nonsense' }, /FIELD_ENCRYPTION_KEY is not valid/],
    ['a missing database', ['auth'], { FIELD_ENCRYPTION_KEY: newKey() }, /DATABASE_URL_AUTH is not set/],
  ])('reports %s', async (_what, args, env: Record<string, string>, expected) => {
    const { code, output } = await run(args, { FIELD_ENCRYPTION_KEY: '', ...env });
    expect(output).toMatch(expected);
    expect(output).not.toContain('nonsense');
    expect(code).toBe(2);
  });

  it('prints its help', async () => {
    expect(await resultOfProgram('reencrypt', ['--help'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('Examples'),
    });
  });
});
