import { Client } from 'pg';
import { z } from 'zod';
import { percentile } from '../bench/statistics';
import { accountCases } from './account-cases';
import { rowsOf, type Case, type Setting } from './cases';
import { organizationCases } from './organization-cases';
import { accessPaths, scannedTables, type Plan } from './plans';
import { mostRowsScanned } from './scale';
import { staffCases, otherCases } from './staff-cases';

/** Maximum time in the database. */
export const mostP95Ms = 20;

/** After five calls, PostgreSQL can switch to one plan for all calls of a connection. Earlier plans can differ. */
const warmUp = 3;

export interface Result {
  readonly title: string;
  readonly isLimited: boolean;
  readonly samples: number;
  /** Rows in the last response. */
  readonly rows: number;
  /** Statements of one call, including those of triggers and foreign keys. */
  readonly statements: number;
  /** In milliseconds in the database. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How each statement found its rows, over all calls. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** Large tables that were read completely. */
  readonly scanned: readonly string[];
}

/** Every list and lookup, and other calls that look up many rows. */
export async function allCases(setting: Setting, password: string): Promise<Case[]> {
  return [
    ...(await accountCases(setting, password)),
    ...(await organizationCases(setting)),
    ...(await staffCases(setting)),
    ...otherCases(setting),
  ];
}

/** @param large see `largeTables` */
export async function measure(one: Case, wanted: number, large: ReadonlySet<string>): Promise<Result> {
  const { title, isLimited, samples = wanted } = one;
  const times: number[] = [];
  const paths = new Map<string, readonly string[]>();
  const scanned = new Set<string>();
  let [rows, statements] = [0, 0];
  const first = samples > warmUp ? -warmUp : 0;
  for (let sample = first; sample < samples; sample++) {
    const { response, databaseMs, plans } = await one.ask(Math.max(0, sample));
    if (sample >= 0) times.push(databaseMs);
    [rows, statements] = [rowsOf(response), plans.length];
    for (const plan of plans) paths.set(plan.sql, union(paths.get(plan.sql) ?? [], accessPaths(plan)));
    for (const table of scannedIn(plans, large)) scanned.add(table);
  }
  times.sort((a, b) => a - b);
  const [p50, p95, p99] = [percentile(times, 0.5), percentile(times, 0.95), percentile(times, 0.99)];
  const found = { paths: Object.fromEntries(paths), scanned: [...scanned] };
  return { title, isLimited, samples, rows, statements, p50, p95, p99, ...found };
}

function union(some: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...some, ...more])];
}

/** Returns the large tables that a plan reads completely, with the statement. */
export function scannedIn(plans: Iterable<Plan>, large: ReadonlySet<string>): string[] {
  return [...plans].flatMap((plan) =>
    scannedTables(plan)
      .filter((table) => large.has(table))
      .map((table) => `${table}: ${plan.sql}`),
  );
}

/**
 * Returns the tables that are too large for a sequential scan, by the counts of ANALYZE.
 * @param url of a superuser
 */
export async function largeTables(url: string): Promise<ReadonlySet<string>> {
  return new Set([...(await tableSizes(url))].flatMap(([table, rows]) => (rows > mostRowsScanned ? [table] : [])));
}

const size = z.object({ table: z.string(), rows: z.number() });

/** Returns the rows of each table as counted by ANALYZE, the largest first. */
export async function tableSizes(url: string): Promise<ReadonlyMap<string, number>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(`
      SELECT relname AS table, reltuples::float8 AS rows FROM pg_class
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 0 ORDER BY reltuples DESC`);
    return new Map(
      z
        .array(size)
        .parse(rows)
        .map((each) => [each.table, each.rows]),
    );
  } finally {
    await client.end();
  }
}

/** Returns true if the promised limits hold. */
export function isKept({ isLimited, p95, scanned }: Result): boolean {
  return scanned.length === 0 && (!isLimited || p95 < mostP95Ms);
}
