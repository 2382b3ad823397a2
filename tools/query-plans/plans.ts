import { z } from 'zod';

const nodeFacts = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  Plans: z.array(z.unknown()).optional(),
});

const explained = z.object({ 'Query Text': z.string(), Plan: z.unknown() });

/** One way by which a plan reads a table. */
export interface Scan {
  /** `Seq Scan`, `Index Only Scan`, `Bitmap Index Scan`, … */
  readonly node: string;
  /** Undefined in a bitmap's part, which names the index alone. */
  readonly table: string | undefined;
  readonly index: string | undefined;
}

export interface Plan {
  readonly sql: string;
  readonly scans: readonly Scan[];
}

/** @param json as `auto_explain.log_format = json` writes it */
export function parsePlan(json: string): Plan {
  const { 'Query Text': sql, Plan: root } = explained.parse(JSON.parse(json));
  return { sql: sql.replaceAll(/\s+/g, ' ').trim(), scans: scansIn(root) };
}

function scansIn(value: unknown): Scan[] {
  const { Plans = [], ...facts } = nodeFacts.parse(value);
  const { 'Node Type': node, 'Relation Name': table, 'Index Name': index } = facts;
  // What writes names its table, too.
  const isScan = node.endsWith('Scan') && (table !== undefined || index !== undefined);
  return [...(isScan ? [{ node, table, index }] : []), ...Plans.flatMap(scansIn)];
}

/** Tables that the plan reads from the first row to the last. */
export function scannedTables({ scans }: Plan): string[] {
  return scans.flatMap(({ node, table }) => (node.includes('Seq Scan') ? (table ?? []) : []));
}

/** By what a plan finds its rows: `users_pkey`, or `signing_keys (all)`. */
export function accessPaths({ scans }: Plan): string[] {
  return scans.flatMap(({ node, table, index }) => {
    if (index !== undefined) return node === 'Bitmap Index Scan' ? `${index} (bitmap)` : index;
    return node.includes('Seq Scan') && table !== undefined ? `${table} (all)` : [];
  });
}
