import { format } from 'node:util';
import { scrub } from './scrub';

const secretName =
  /pass(word|wd|phrase)|pwd|secret|token|cookie|authorization|api[-_]?key|private[-_]?key|credential|otp$|headers|body|html|payload|parameters/i;
const deepest = 3;
const mostItems = 50;

export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * Copies only the fields named here. Errors of drivers and clients also contain statements, parameters,
 * requests and responses.
 */
export function errorFields(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(describe(error)) };
  const code = 'code' in error ? error.code : undefined;
  const message = errorMessage(error);
  return {
    type: error.constructor.name || error.name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    // The first lines of the stack repeat the message.
    ...(error.stack === undefined ? {} : { stack: stackOf(error.stack) }),
    ...(error.cause === undefined || depth === deepest ? {} : { cause: errorFields(error.cause, depth + 1) }),
  };
}

/**
 * Returns a copy that is safe to log: drops fields with secret names, scrubs texts, uses errorFields for
 * errors, and replaces instances by their class name. Renames `err`, the usual name in pino, to `error`,
 * for which pino has no serializer.
 */
export function safeFields(fields: object): Record<string, unknown> {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([name, value]) => [name === 'err' ? 'error' : safeName(name), safeField(name, value, 0)]),
  );
}

/** A long name can be a secret value that is used as a key. */
function safeName(name: string): string {
  return name.length < 16 ? name : scrub(name);
}

function safeField(name: string, value: unknown, depth: number): unknown {
  return value !== undefined && secretName.test(name) ? '[redacted]' : safeValue(value, depth);
}

function safeValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorFields(value);
  if (value instanceof Date) return value;
  if (depth === deepest) return '[…]';
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => safeValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor.name}]`;
  const entries = Object.entries(value).slice(0, mostItems);
  return Object.fromEntries(entries.map(([name, item]) => [safeName(name), safeField(name, item, depth + 1)]));
}

function errorMessage(error: Error): string {
  // A refused connection to a name with two IP addresses has no message of its own.
  if (error instanceof AggregateError && error.message === '') return scrub(error.errors.map(describe).join('; '));
  const isDataException = 'code' in error && typeof error.code === 'string' && /^22[\dA-Z]{3}$/.test(error.code);
  // PostgreSQL quotes the value that it could not read (SQLSTATE class 22).
  return scrub(isDataException ? error.message.replace(/: "[^]*"/, ': […]') : error.message);
}

/** Returns only the frames, because the text before them repeats the message. */
function stackOf(stack: string): string {
  const frames = stack.search(/^\s+at /m);
  return frames === -1 ? '' : scrub(stack.slice(frames)).trim();
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  const isObject = typeof thrown === 'object' && thrown !== null;
  return isObject ? `an object with ${Object.keys(thrown).slice(0, 10).join(', ')}` : format('%s', thrown);
}
