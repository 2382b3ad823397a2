import { newId, runMigrations } from '#libs/database';
import { createOneTimeToken } from '#libs/encryption';
import { testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { migrations } from '../database';

/** A database from before the identity migration, with a user who has an unused verification link. */
async function beforeIdentity() {
  const { url } = await testDatabase('auth');
  await runMigrations(url, migrations.slice(0, 1));
  const client = new Client({ connectionString: url });
  await client.connect();
  const [userId, sessionId] = [newId(), newId()];
  const { selector, verifierHash } = createOneTimeToken('email-verification');
  await client.query(
    "INSERT INTO users (id, email, name, locale, password_hash) VALUES ($1, 'a@b.test', 'A', 'en', 'x')",
    [userId],
  );
  await client.query(
    `INSERT INTO email_verifications (selector, verifier_hash, user_id, name, locale, password_hash, expires_at)
     VALUES ($1, $2, $3, 'A', 'en', 'hash', now() + interval '1 day')`,
    [selector, verifierHash, userId],
  );
  await client.query(
    `INSERT INTO sessions (id, user_id, ip, user_agent, created_at, expires_at)
     VALUES ($1, $2, '192.0.2.1', '', now() - interval '1 hour', now() + interval '1 day')`,
    [sessionId, userId],
  );
  return { url, client, selector, verifierHash, userId };
}

it('keeps emailed links and open sessions working', async () => {
  const { url, client, selector, verifierHash, userId } = await beforeIdentity();
  await runMigrations(url, migrations);
  const { rows } = await client.query('SELECT * FROM one_time_tokens');
  expect(rows).toMatchObject([
    {
      selector,
      verifier_hash: verifierHash,
      user_id: userId,
      purpose: 'email-verification',
      data: { name: 'A', locale: 'en', passwordHash: 'hash' },
      used_at: null,
    },
  ]);
  const sessions = await client.query(
    'SELECT epoch = session_epoch AS live, authenticated_at = sessions.created_at AS kept FROM sessions JOIN users ON users.id = user_id',
  );
  expect(sessions.rows).toEqual([{ live: true, kept: true }]);
  await client.end();
});

it('creates no account in a new installation', async () => {
  const { url } = await testDatabase('auth', migrations);
  const client = new Client({ connectionString: url });
  await client.connect();
  expect((await client.query('SELECT 1 FROM users UNION ALL SELECT 1 FROM api_keys')).rows).toEqual([]);
  await client.end();
});

it('can revert and repeat every migration', async () => {
  const { url, client } = await beforeIdentity();
  await runMigrations(url, migrations);
  const columns = () =>
    client.query(
      "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    );
  const { rows: after } = await columns();
  const { DataSource } = await import('typeorm');
  const dataSource = await new DataSource({ type: 'postgres', url, migrations: [...migrations] }).initialize();
  for (let count = migrations.length; count > 1; count--) await dataSource.undoLastMigration();
  await dataSource.destroy();
  expect((await client.query('SELECT name FROM email_verifications')).rows).toEqual([{ name: 'A' }]);
  await runMigrations(url, migrations);
  expect((await columns()).rows).toEqual(after);
  await client.end();
});
