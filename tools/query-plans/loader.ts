import { Client } from 'pg';
import { z } from 'zod';
import { accountRows } from './account-rows';
import { auditChains, auditEntries, auditHeads } from './audit-rows';
import { benchFunctions } from './functions';
import { organizationRows, organizationSizes } from './organization-rows';
import { proportionsOf, type Proportions, type Scale } from './scale';

/** Called before each step that can take long. */
export type Progress = (step: string) => void;

const entriesAtOnce = 400_000;

const index = z.object({ indexname: z.string(), indexdef: z.string() });

/**
 * Fills auth's migrated and empty database with INSERT … SELECT. The schema `bench` stays, because it
 * knows every row by number.
 * @param url of a superuser, who can disable foreign keys and the trigger of the audit log, whose chains
 * are computed here
 * @param passwordHash a PHC string for every user
 */
export async function loadRows(
  url: string,
  scale: Scale,
  passwordHash: string,
  progress: Progress = () => undefined,
): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query("SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'");
    const proportions = proportionsOf(scale);
    for (const statement of benchFunctions(proportions, Date.now())) await client.query(statement);
    await withoutIndexes(client, progress, () => insertAll(client, proportions, passwordHash, progress));
    progress('ANALYZE');
    // Like autovacuum on large tables. Not worth it for small ones.
    await client.query(scale.users > 100_000 ? 'VACUUM (ANALYZE)' : 'ANALYZE');
  } finally {
    await client.end();
  }
}

async function insertAll(client: Client, proportions: Proportions, passwordHash: string, progress: Progress) {
  for (const statement of organizationSizes(proportions)) await client.query(statement);
  for (const [table, insert] of [...accountRows(proportions, passwordHash), ...organizationRows(proportions)]) {
    progress(table);
    await client.query(insert);
  }
  for (const statement of auditChains(proportions)) await client.query(statement);
  const { rows } = await client.query('SELECT max(until)::float8 AS entries FROM bench.audit_chain');
  const [{ entries }] = z.tuple([z.object({ entries: z.number() })]).parse(rows);
  for (let from = 0; from < entries; from += entriesAtOnce) {
    progress(`audit_entries, ${Math.round((100 * from) / entries)} %`);
    await client.query(auditEntries, [from, from + entriesAtOnce]);
  }
  progress('audit_chains');
  for (const heads of auditHeads) await client.query(heads);
}

/** Building an index at the end costs a fraction of growing it row by row. Indexes of constraints stay. */
async function withoutIndexes(client: Client, progress: Progress, work: () => Promise<void>): Promise<void> {
  const { rows } = await client.query(`
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND NOT EXISTS (
      SELECT FROM pg_constraint WHERE conname = indexname AND contype IN ('p', 'u')) ORDER BY indexname`);
  const indexes = z.array(index).parse(rows);
  for (const { indexname } of indexes) await client.query(`DROP INDEX ${client.escapeIdentifier(indexname)}`);
  await work();
  for (const { indexname, indexdef } of indexes) {
    progress(indexname);
    await client.query(indexdef);
  }
}
