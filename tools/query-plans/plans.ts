import { z } from 'zod';

const nodeFacts = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  Plans: z.array(z.unknown()).optional(),
});

const explained = z.object({ 'Query Text': z.string(), Plan: z.unknown() });

/** One scan of a table in a plan. */
export interface Scan {
  /** `Seq Scan`, `Index Only Scan`, `Bitmap Index Scan` and so on. */
  readonly node: string;
  /** Undefined for a part of a bitmap scan, which names only the index. */
  readonly table: string | undefined;
  readonly index: string | undefined;
}

export interface Plan {
  readonly sql: string;
  readonly scans: readonly Scan[];
}

/** @param json in the format of `auto_explain.log_format = json` */
export function parsePlan(json: string): Plan {
  const { 'Query Text': sql, Plan: root } = explained.parse(JSON.parse(json));
  return { sql: sql.replaceAll(/\s+/g, ' ').trim(), scans: scansIn(root) };
}

function scansIn(value: unknown): Scan[] {
  const { Plans = [], ...facts } = nodeFacts.parse(value);
  const { 'Node Type': node, 'Relation Name': table, 'Index Name': index } = facts;
  // Nodes that write also name their table.
  const isScan = node.endsWith('Scan') && (table !== undefined || index !== undefined);
  return [...(isScan ? [{ node, table, index }] : []), ...Plans.flatMap(scansIn)];
}

/** Returns the tables that the plan reads completely. */
export function scannedTables({ scans }: Plan): string[] {
  return scans.flatMap(({ node, table }) => (node.includes('Seq Scan') ? (table ?? []) : []));
}

/** Returns how a plan finds its rows, such as `users_pkey` or `signing_keys (all)`. */
export function accessPaths({ scans }: Plan): string[] {
  return scans.flatMap(({ node, table, index }) => {
    if (index !== undefined) return node === 'Bitmap Index Scan' ? `${index} (bitmap)` : index;
    return node.includes('Seq Scan') && table !== undefined ? `${table} (all)` : [];
  });
}
