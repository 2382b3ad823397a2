import { controlFree, uuid } from '#libs/validation';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { cursorAt, notACursor, placeIn } from './cursor';
import { nilId } from './id';
import { queryRows } from './query';

/**
 * A table that is searched by id, by a unique text, and by a lower-case name, each with an index in the
 * collation C. The texts become part of the SQL unescaped, so they must be constants in the code and never input.
 */
export interface Searched<Row extends z.ZodType> {
  readonly table: string;
  readonly key: string;
  /** The lower-case name, such as `lower(name)`. */
  readonly name: string;
  readonly columns: string;
  readonly row: Row;
}

export interface SearchRequest {
  readonly query?: string;
  readonly limit: number;
  readonly cursor?: string;
}

interface SearchPage<Item> {
  readonly data: Item[];
  readonly nextCursor: string | null;
}

const sortedText = z.string().regex(controlFree);

/** A page starts after this row of one part of the result. */
const position = z.union([
  z.tuple([z.literal('id'), uuid]),
  z.tuple([z.literal('key'), sortedText]),
  z.tuple([z.literal('name'), sortedText, uuid]),
]);
type Position = z.output<typeof position>;

const sorted = z.object({ id: z.string(), sortedBy: z.string() });
type Sorted = z.output<typeof sorted>;

/** In the collation C, sorts after every text with the same prefix. */
const last = '\u{10FFFF}';
const noText = '';

/**
 * Finds rows by prefix. A page takes at most two index scans, which stop when it is full. Without a query, it returns
 * the newest rows first.
 */
export class PrefixSearch<Row extends z.ZodType> {
  private readonly newestSql: string;
  private readonly withIdSql: string;
  private readonly byKeySql: string;
  private readonly byNameSql: string;

  constructor(private readonly searched: Searched<Row>) {
    const { table, key, name, columns } = searched;
    const begins = (text: string) => `${text} COLLATE "C" >= lower($1) AND ${text} COLLATE "C" < lower($1) || $2`;
    const read = (sortedBy: string) => `SELECT ${columns}, ${sortedBy} AS "sortedBy" FROM ${table}`;
    this.newestSql = `${read('id::text')} WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`;
    this.withIdSql = `${read('id::text')} WHERE id = $1`;
    this.byKeySql = `${read(key)} WHERE ${begins(key)} AND ${key} COLLATE "C" > $3 ORDER BY ${key} COLLATE "C" LIMIT $4`;
    // Rows whose key matches are found by key. The index scan starts at the pair, so the pair must not sort before all matches.
    this.byNameSql = `${read(name)} WHERE ${begins(name)}
      AND (${name} COLLATE "C", id) > (greatest($3 COLLATE "C", lower($1)), $4::uuid)
      AND NOT (${begins(key)}) ORDER BY ${name} COLLATE "C", id LIMIT $5`;
  }

  /** @throws ProblemError `validation_failed` for a cursor of another list */
  async page<Item>(
    manager: EntityManager,
    { query, limit, cursor }: SearchRequest,
    present: (row: z.output<Row>) => Item,
  ): Promise<SearchPage<Item>> {
    const after = cursor === undefined ? undefined : placeIn(cursor, (place) => position.parse(JSON.parse(place)));
    const found = await this.rows(manager, query, limit + 1, after);
    const shown = found.slice(0, limit);
    const { at } = shown.at(-1) ?? {};
    const nextCursor = found.length > limit && at !== undefined ? cursorAt(JSON.stringify(at)) : null;
    return { data: shown.map(({ row }) => present(row)), nextCursor };
  }

  private async rows(manager: EntityManager, query: string | undefined, limit: number, after: Position | undefined) {
    if (query === undefined) {
      if (after !== undefined && after[0] !== 'id') throw notACursor();
      return this.read(manager, this.newestSql, [after?.[1], limit], ({ id }) => ['id', id]);
    }
    if (after?.[0] === 'id') throw notACursor();
    if (uuid.safeParse(query).success) return this.read(manager, this.withIdSql, [query], ({ id }) => ['id', id]);
    const [byKey, byName] = after?.[0] === 'name' ? [undefined, after] : [after?.[1] ?? noText, undefined];
    const keyed =
      byKey === undefined
        ? []
        : await this.read(manager, this.byKeySql, [query, last, byKey, limit], ({ sortedBy }) => ['key', sortedBy]);
    if (keyed.length === limit) return keyed;
    const [, name, id] = byName ?? ['name', noText, nilId];
    const parameters = [query, last, name, id, limit - keyed.length];
    const named = await this.read(manager, this.byNameSql, parameters, ({ sortedBy, id }) => ['name', sortedBy, id]);
    return [...keyed, ...named];
  }

  private async read(
    manager: EntityManager,
    sql: string,
    parameters: readonly unknown[],
    positionOf: (row: Sorted) => Position,
  ): Promise<{ row: z.output<Row>; at: Position }[]> {
    const rows = await queryRows(manager, sql, parameters, z.unknown());
    return rows.map((row) => ({ row: this.searched.row.parse(row), at: positionOf(sorted.parse(row)) }));
  }
}
