import { z } from 'zod';
import { invalid, noSuch } from '../core/errors';
import type { World } from '../core/world';
import type { List } from '../wire';
import type { Form } from './form';
import { parameterError, text, whole } from './params';

export type Verb = 'GET' | 'POST' | 'DELETE';

export interface Call<Params> {
  readonly world: World;
  readonly params: Params;
  /** The id in the path. */
  readonly id: string;
  /** The second id in the path. */
  readonly sub: string;
}

/** A request whose parameters are valid. Nothing has happened yet. */
export interface Prepared {
  readonly expand: readonly string[];
  readonly run: () => object;
}

export interface Route {
  readonly verb: Verb;
  readonly path: string;
  readonly pattern: RegExp;
  readonly prepare: (world: World, raw: Form, ids: readonly string[]) => Prepared;
}

const expand = z.array(text).optional();

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/g, '([^/]+)')}$`);
}

type Output<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/** An endpoint: its parameters, all of them, and what it does. */
export function route<Shape extends z.ZodRawShape>(
  verb: Verb,
  path: string,
  shape: Shape,
  run: (call: Call<Output<Shape>>) => object,
): Route {
  const schema = z.strictObject(shape);
  const prepare = (world: World, raw: Form, [id = '', sub = '']: readonly string[]) => {
    const { expand: wanted, rest } = withoutExpand(raw);
    const parsed = schema.safeParse(rest);
    if (!parsed.success) throw parameterError(parsed.error, rest);
    return { expand: wanted, run: () => run({ world, params: parsed.data, id, sub }) };
  };
  return { verb, path, pattern: patternOf(path), prepare };
}

function withoutExpand(raw: Form): { readonly expand: readonly string[]; readonly rest: Form } {
  if (typeof raw === 'string' || Array.isArray(raw)) throw invalid('Invalid request.');
  const { expand: wanted, ...rest } = raw;
  const parsed = expand.safeParse(wanted);
  if (!parsed.success) throw invalid('Invalid array', { param: 'expand' });
  return { expand: parsed.data ?? [], rest };
}

const page = {
  limit: whole.refine((value) => value >= 1 && value <= 100, 'must be between 1 and 100').optional(),
  starting_after: text.optional(),
  ending_before: text.optional(),
};

interface Page {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

/**
 * An endpoint that lists rows in pages.
 * @param find all rows that match, newest first
 * @param show what a page holds of a row, if it is not the row itself
 */
export function listRoute<Shape extends z.ZodRawShape>(
  path: string,
  shape: Shape,
  find: (call: Call<Output<Shape>>) => readonly { readonly id: string }[],
  show?: (world: World, id: string) => object | undefined,
): Route {
  const schema = z.strictObject({ ...shape });
  const pages = z.strictObject(page);
  const prepare = (world: World, raw: Form, [id = '', sub = '']: readonly string[]) => {
    const { expand: wanted, rest } = withoutExpand(raw);
    const { limit, starting_after, ending_before, ...filters } = z.record(z.string(), z.unknown()).parse(rest);
    const given = Object.entries({ limit, starting_after, ending_before }).filter(([, value]) => value !== undefined);
    const asked = pages.safeParse(Object.fromEntries(given));
    if (!asked.success) throw parameterError(asked.error, rest);
    const parsed = schema.safeParse(filters);
    if (!parsed.success) throw parameterError(parsed.error, rest);
    const url = path.replace(':id', id).replace(':sub', sub);
    const run = () => {
      const rows = pageOf(find({ world, params: parsed.data, id, sub }), asked.data, url);
      return show === undefined ? rows : { ...rows, data: rows.data.flatMap((row) => show(world, row.id) ?? []) };
    };
    return { expand: wanted, run };
  };
  return { verb: 'GET', path, pattern: patternOf(path), prepare };
}

export function listOf<T>(data: T[], url: string): List<T> {
  return { object: 'list', data, has_more: false, url };
}

function pageOf<T extends { readonly id: string }>(rows: readonly T[], wanted: Page, url: string): List<T> {
  const { limit = 10, starting_after, ending_before } = wanted;
  if (starting_after !== undefined && ending_before !== undefined) {
    throw invalid('You cannot parameterize both starting_after and ending_before.');
  }
  if (ending_before !== undefined) {
    const end = positionOf(rows, ending_before, 'ending_before');
    const data = rows.slice(Math.max(0, end - limit), end);
    return { object: 'list', data, has_more: end > limit, url };
  }
  const start = starting_after === undefined ? 0 : positionOf(rows, starting_after, 'starting_after') + 1;
  return { object: 'list', data: rows.slice(start, start + limit), has_more: rows.length > start + limit, url };
}

function positionOf(rows: readonly { readonly id: string }[], id: string, param: string): number {
  const position = rows.findIndex((row) => row.id === id);
  if (position < 0) throw noSuch('object', id, param, 400);
  return position;
}
