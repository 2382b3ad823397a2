// Names of PostgreSQL's catalogs.
// cspell:ignore attname attrelid attnum attisdropped adbin atttypid atttypmod attnotnull adrelid attrdef adnum
// cspell:ignore relrowsecurity relforcerowsecurity tablename constraintdef conrelid triggerdef tgisinternal functiondef
// cspell:ignore pronamespace nspname prokind relname indexdef policyname schemaname nullif
import type { QueryRunner } from 'typeorm';
import { z } from 'zod';

export interface ColumnRow {
  /** PostgreSQL's id of the table, which stays when the table is renamed. */
  readonly tableId: number;
  readonly table: string;
  /** PostgreSQL's number of the column in its table, which stays when the column is renamed. */
  readonly number: number;
  readonly column: string;
}

export interface Catalog {
  readonly columns: readonly ColumnRow[];
  /** Every column, index, constraint, policy, trigger, and function, as text in a fixed order. */
  readonly definitions: readonly string[];
}

const ownSchemas = "n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> 'migrations'";

const columnsSql = `SELECT c.oid::int AS "tableId", c.relname AS table, a.attnum::int AS number, a.attname AS column
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE a.attnum > 0 AND NOT a.attisdropped AND ${ownSchemas} ORDER BY 2, 3`;

const definitionsSql = `SELECT text FROM (
  SELECT format('column %s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attnotnull THEN ' NOT NULL' END, ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)) AS text
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND ${ownSchemas}
  UNION ALL SELECT format('row security of %s: %s, forced: %s', c.relname, c.relrowsecurity, c.relforcerowsecurity)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${ownSchemas}
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations'
  UNION ALL SELECT format('constraint %s of %s %s', k.conname, c.relname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${ownSchemas}
  UNION ALL SELECT format('policy %s of %s for %s to %s using %s check %s', policyname, tablename, cmd, roles, qual, with_check)
    FROM pg_policies
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
  UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prokind = 'f'
  UNION ALL SELECT 'extension ' || extname FROM pg_extension
) all_definitions ORDER BY text COLLATE "C"`;

const columnRows = z.array(
  z.object({ tableId: z.number(), table: z.string(), number: z.number(), column: z.string() }),
);
const definitionRows = z.array(z.object({ text: z.string() }));

export async function readCatalog(queryRunner: QueryRunner): Promise<Catalog> {
  const columns = columnRows.parse(await queryRunner.query(columnsSql));
  const definitions = definitionRows.parse(await queryRunner.query(definitionsSql)).map(({ text }) => text);
  return { columns, definitions };
}

export interface ColumnChanges {
  readonly gone: readonly { readonly table: string; readonly column: string; readonly renamedTo?: string }[];
  readonly goneTables: readonly { readonly table: string; readonly renamedTo?: string }[];
  /** New columns of tables that were there before. */
  readonly added: readonly { readonly table: string; readonly column: string }[];
}

/** What the statements between two states did to tables and columns. */
export function columnChanges(before: Catalog, after: Catalog): ColumnChanges {
  const now = new Map(after.columns.map((row) => [`${row.tableId} ${row.number}`, row]));
  const tablesNow = new Map(after.columns.map(({ tableId, table }) => [tableId, table]));
  const tablesBefore = new Map(before.columns.map(({ tableId, table }) => [tableId, table]));
  const known = new Set(before.columns.map((row) => `${row.tableId} ${row.number}`));
  return {
    gone: before.columns.flatMap(({ tableId, table, number, column }) => {
      const row = now.get(`${tableId} ${number}`);
      if (!tablesNow.has(tableId) || row?.column === column) return [];
      return [{ table, column, ...(row !== undefined && { renamedTo: row.column }) }];
    }),
    goneTables: [...tablesBefore].flatMap(([tableId, table]) => {
      const name = tablesNow.get(tableId);
      return name === table ? [] : [{ table, ...(name !== undefined && { renamedTo: name }) }];
    }),
    added: after.columns.filter(
      ({ tableId, number }) => tablesBefore.has(tableId) && !known.has(`${tableId} ${number}`),
    ),
  };
}
