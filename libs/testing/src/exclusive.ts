import { Client } from 'pg';
import { testVariable } from './environment';

/** Keeps other test files with the same name waiting until this file has ended. For what belongs to the whole server, such as roles. */
export function exclusively(name: string): void {
  const client = new Client({ connectionString: testVariable('TEST_DATABASE_URL') });
  beforeAll(async () => {
    await client.connect();
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
  });
  afterAll(() => client.end());
}
