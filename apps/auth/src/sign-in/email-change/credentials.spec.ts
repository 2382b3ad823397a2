import { createDataSource } from '#libs/database';
import { testDatabase } from '#libs/testing';
import { z } from 'zod';
import { credentialTables } from '../../account/user/credential-kind';
import { migrations } from '../../database';

/** Tables with rows of a user that are no credentials, and why. */
const others: Readonly<Record<string, string>> = {
  sessions: 'End by themselves, with every other session of the user.',
  one_time_tokens: 'Links are revoked by their purpose.',
  webauthn_challenges: 'A challenge opens nothing without the passkey that answers it.',
  recovery_codes: 'Go with the authenticator app that they stand in for.',
  security_events: 'Say what happened.',
  memberships: 'Say where the user belongs.',
  invitations: 'Are of whoever invited.',
  ownership_transfers: 'Are offers between members.',
};

it('handles every table of credentials, or says why not', async () => {
  const { url } = await testDatabase('auth', migrations);
  const dataSource = await createDataSource({ url, service: 'auth', poolSize: 1, entities: [] }).initialize();
  const rows: unknown = await dataSource.query(
    `SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint WHERE contype = 'f' AND confrelid = 'users'::regclass`,
  );
  await dataSource.destroy();
  const tables = z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .map(({ name }) => name);
  const known = new Set<string>([...Object.values(credentialTables), ...Object.keys(others)]);
  expect(tables.length).toBeGreaterThan(10);
  expect(tables.filter((table) => !known.has(table))).toEqual([]);
});
