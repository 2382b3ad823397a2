import { ProblemError, type AdminUser, type RequestOf, type ResponseOf, type searchUsers } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { summaryColumns, summaryOf, summaryRow } from './admin-users';

/** Where a list goes on: after this row of one of its parts. */
const position = z.union([
  z.tuple([z.literal('id'), z.uuid()]),
  z.tuple([z.literal('email'), z.string()]),
  z.tuple([z.literal('name'), z.string(), z.uuid()]),
]);
type Position = z.output<typeof position>;

const foundRow = summaryRow.extend({ key: z.string() });
type Found = z.output<typeof foundRow>;

/** Sorts behind whatever begins with the same text (in the collation C, by code points). */
const last = '\u{10FFFF}';
const noKey = '';
const noId = '00000000-0000-0000-0000-000000000000';

const newestSql = `SELECT ${summaryColumns} FROM users WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`;

const byAddressSql = `
  SELECT ${summaryColumns}, email AS key FROM users
    WHERE email COLLATE "C" >= lower($1) AND email COLLATE "C" < lower($1) || $2 AND email COLLATE "C" > $3
    ORDER BY email COLLATE "C" LIMIT $4`;

const byNameSql = `
  SELECT ${summaryColumns}, lower(name) AS key FROM users
    WHERE lower(name) COLLATE "C" >= lower($1) AND lower(name) COLLATE "C" < lower($1) || $2
      AND (lower(name) COLLATE "C", id) > ($3, $4::uuid)
      AND NOT (email COLLATE "C" >= lower($1) AND email COLLATE "C" < lower($1) || $2)
    ORDER BY lower(name) COLLATE "C", id LIMIT $5`;

/**
 * Finds accounts for the staff. Each page is at most two index scans that stop when the page is full: by the primary key, by
 * `users_email_prefix_idx`, by `users_name_prefix_idx`.
 */
@Injectable()
export class UserSearch {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ProblemError `validation_failed` for a cursor that is none of this list's */
  async search({ query, limit, cursor }: RequestOf<typeof searchUsers>): Promise<ResponseOf<typeof searchUsers>> {
    const after = cursor === undefined ? undefined : positionIn(cursor);
    if (query === undefined) return this.newest(limit, after);
    if (z.uuid().safeParse(query).success) return { data: await this.withId(query), nextCursor: null };
    return this.withPrefix(query, limit, after);
  }

  private async newest(limit: number, after: Position | undefined): Promise<ResponseOf<typeof searchUsers>> {
    if (after !== undefined && after[0] !== 'id') throw notACursor();
    const rows = await queryRows(this.dataSource.manager, newestSql, [after?.[1], limit + 1], summaryRow);
    const shown = rows.slice(0, limit);
    const { id } = shown.at(-1) ?? {};
    return { data: shown.map(summaryOf), nextCursor: rows.length > limit && id ? cursorAt(['id', id]) : null };
  }

  private async withId(id: string): Promise<AdminUser[]> {
    const sql = `SELECT ${summaryColumns} FROM users WHERE id = $1`;
    return (await queryRows(this.dataSource.manager, sql, [id], summaryRow)).map(summaryOf);
  }

  private async withPrefix(
    query: string,
    limit: number,
    after: Position | undefined,
  ): Promise<ResponseOf<typeof searchUsers>> {
    if (after?.[0] === 'id') throw notACursor();
    const byAddress = after?.[0] === 'name' ? [] : await this.byAddress(query, after?.[1] ?? noKey, limit + 1);
    const wanted = limit + 1 - byAddress.length;
    const [key, id] = after?.[0] === 'name' ? [after[1], after[2]] : [noKey, noId];
    const byName = wanted === 0 ? [] : await this.byName(query, { key, id }, wanted);
    const found = [...byAddress, ...byName];
    const shown = found.slice(0, limit);
    return { data: shown.map(presented), nextCursor: found.length > limit ? nextAfter(shown, byAddress.length) : null };
  }

  private byAddress(query: string, after: string, limit: number): Promise<Found[]> {
    return queryRows(this.dataSource.manager, byAddressSql, [query, last, after, limit], foundRow);
  }

  /** Those whose address begins so, too, were found by that. */
  private byName(query: string, after: { key: string; id: string }, limit: number): Promise<Found[]> {
    return queryRows(this.dataSource.manager, byNameSql, [query, last, after.key, after.id, limit], foundRow);
  }
}

function presented({ key: _key, ...user }: Found): AdminUser {
  return summaryOf(user);
}

/** @param addresses how many of the page's rows, the first ones, were found by address */
function nextAfter(shown: readonly Found[], addresses: number): string | null {
  const row = shown.at(-1);
  if (row === undefined) return null;
  return cursorAt(shown.length <= addresses ? ['email', row.key] : ['name', row.key, row.id]);
}

function cursorAt(at: Position): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url');
}

function positionIn(cursor: string): Position {
  try {
    return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw notACursor();
  }
}

function notACursor(): ProblemError {
  const message = 'Not a cursor of this list. Begin again without one.';
  return new ProblemError('validation_failed', { errors: [{ path: 'cursor', code: 'invalid_cursor', message }] });
}
