import { Client } from 'pg';
import { z } from 'zod';
import { percentile } from '../bench/statistics';
import { accountCases } from './account-cases';
import { rowsOf, type Case, type Setting } from './cases';
import { organizationCases } from './organization-cases';
import { accessPaths, scannedTables, type Plan } from './plans';
import { mostRowsScanned } from './scale';
import { staffCases, otherCases } from './staff-cases';

/** In the database. */
export const mostP95Ms = 20;

/** Plans other than the first calls' come from statements that are planned once for all of a connection's calls: after five. */
const warmUp = 3;

export interface Result {
  readonly title: string;
  readonly isLimited: boolean;
  readonly samples: number;
  /** Shown by the last answer. */
  readonly rows: number;
  /** Statements of one call, triggers' and foreign keys' among them. */
  readonly statements: number;
  /** Milliseconds in the database. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** By what each statement found its rows, in any of the calls. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** Large tables that were read from the first row to the last. */
  readonly scanned: readonly string[];
}

/** Every list and lookup, and what looks up much by the way. */
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
    const { answer, databaseMs, plans } = await one.ask(Math.max(0, sample));
    if (sample >= 0) times.push(databaseMs);
    [rows, statements] = [rowsOf(answer), plans.length];
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

/** Large tables that one of the plans reads from the first row to the last, with the statement. */
export function scannedIn(plans: Iterable<Plan>, large: ReadonlySet<string>): string[] {
  return [...plans].flatMap((plan) =>
    scannedTables(plan)
      .filter((table) => large.has(table))
      .map((table) => `${table}: ${plan.sql}`),
  );
}

/** Tables of more rows than a plan may read all of, as ANALYZE counted them. @param url of a superuser */
export async function largeTables(url: string): Promise<ReadonlySet<string>> {
  return new Set([...(await tableSizes(url))].flatMap(([table, rows]) => (rows > mostRowsScanned ? [table] : [])));
}

const size = z.object({ table: z.string(), rows: z.number() });

/** Rows of each table, as ANALYZE counted them, the largest first. */
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

/** Whether what was promised holds. */
export function isKept({ isLimited, p95, scanned }: Result): boolean {
  return scanned.length === 0 && (!isLimited || p95 < mostP95Ms);
}
