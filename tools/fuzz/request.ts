import type { Arbitrary } from 'fast-check';
import { z } from 'zod';

/** A request in the parts that mutations change. Every text holds bytes, one per character. */
export interface Draft {
  readonly method: string;
  /** `/path/{name}` */
  readonly template: string;
  readonly path: Readonly<Record<string, string>>;
  /** `name=value` pairs. */
  readonly query: readonly string[];
  readonly headers: Headers;
  /** The body of the valid request, if it is JSON. */
  readonly json: unknown;
  readonly body: string | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** A request as it is sent. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Buffer | undefined;
}

/** Bytes, one per character. The place defines what a list means. */
export type Value = string | readonly string[];

/** A part of a request that takes a value. */
export interface Place {
  readonly where: string;
  readonly values: readonly Value[];
  /** Values that the API must never accept with a 2xx or 3xx response. */
  readonly unreadable?: readonly Value[];
  readonly random?: Arbitrary<string>;
  put(draft: Draft, value: Value): Draft;
}

export function requestOf({ method, template, path, query, headers, body }: Draft): HttpRequest {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '');
  const target = query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  return { method, target, headers, body: body === undefined ? undefined : Buffer.from(body, 'latin1') };
}

/** Returns the UTF-8 bytes of a text, one per character. */
export function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The keys and indexes that lead to a value in JSON. Empty for the whole document. */
export type Pointer = readonly (string | 0)[];

const object = z.record(z.string(), z.unknown()).catch({});
const array = z.array(z.unknown()).catch([]);
const hole = 'a value is put here';

export function valueAt(json: unknown, pointer: Pointer): unknown {
  return pointer.reduce((value, key) => (key === 0 ? array.parse(value)[0] : object.parse(value)[key]), json);
}

/**
 * Returns JSON with other bytes at `pointer`, which need not be JSON. Undefined removes the value. Missing
 * parents are added.
 * @returns bytes, one per character
 */
export function jsonWith(json: unknown, pointer: Pointer, bytes: string | undefined): string {
  if (pointer.length === 0) return bytes ?? '';
  const [before = '', after = ''] = utf8(
    JSON.stringify(replaced(json, pointer, bytes === undefined ? undefined : hole)),
  ).split(`"${hole}"`);
  return bytes === undefined ? before : before + bytes + after;
}

function replaced(json: unknown, [key, ...rest]: Pointer, value: string | undefined): unknown {
  if (key === undefined) return value;
  const member = replaced(valueAt(json, [key]), rest, value);
  return key === 0 ? [member, ...array.parse(json).slice(1)] : { ...object.parse(json), [key]: member };
}
