import { schemaDifference } from '#libs/database';
import { testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { z } from 'zod';
import { databaseOf, services } from '../tools/suite/apps';

/** Tables without an entity, and the reason. */
const exceptions = {
  migrations: 'TypeORM keeps it itself.',
  audit_chains: 'A trigger writes it alone, and it has no primary key: the chain of the platform is that of NULL.',
};

const table = z.object({ name: z.string() });

async function tablesOf(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
    return z
      .array(table)
      .parse(rows)
      .map(({ name }) => name);
  } finally {
    await client.end();
  }
}

describe.each(services)('the database of %s', (service) => {
  it('has exactly what the entities declare', async () => {
    const { entities, migrations } = await databaseOf(service);
    const { url } = await testDatabase(service, migrations);
    const { up, tables } = await schemaDifference({ url, service, entities });
    expect(up).toEqual([]);
    const undeclared = (await tablesOf(url)).filter((name) => !tables.includes(name) && !(name in exceptions));
    expect(undeclared).toEqual([]);
  });
});
