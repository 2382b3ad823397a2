import { z } from 'zod';
import { invalid, type StripeError } from '../core/errors';

export const text = z.string().max(5_000);
export const whole = z
  .string()
  .regex(/^-?\d+$/, 'integer')
  .transform(Number);
export const natural = whole.refine((value) => value >= 0, 'must be greater than or equal to 0');
export const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'must be a decimal')
  .transform(Number);
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
export const metadata = emptyable(z.record(z.string().max(40), z.string().max(500)));
export const time = natural;
export const currency = z
  .string()
  .regex(/^[a-zA-Z]{3}$/, 'must be a currency')
  .transform((value) => value.toLowerCase());

/** An empty string unsets: it becomes null. */
export function emptyable<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => (value === '' ? null : value), schema.nullable()).optional();
}

/** A span of time, or an exact one. */
export const range = z
  .union([
    whole,
    z.strictObject({ gt: whole.optional(), gte: whole.optional(), lt: whole.optional(), lte: whole.optional() }),
  ])
  .optional();

export function isInRange(value: number, wanted: z.output<typeof range>): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted === 'number') return value === wanted;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = wanted;
  return value > gt && value >= gte && value < lt && value <= lte;
}

export const address = z.strictObject({
  city: text.optional(),
  country: text.optional(),
  line1: text.optional(),
  line2: text.optional(),
  postal_code: text.optional(),
  state: text.optional(),
});

export function addressOf(given: z.output<typeof address>) {
  const { city, country, line1, line2, postal_code, state } = given;
  return {
    ...{ city: city ?? null, country: country ?? null, line1: line1 ?? null },
    ...{ line2: line2 ?? null, postal_code: postal_code ?? null, state: state ?? null },
  };
}

/** `a[b][0]` of a path in a form. */
function nameOf(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('');
}

function isAbsent(raw: unknown, path: readonly PropertyKey[]): boolean {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return true;
    value = Object.entries(value).find(([name]) => name === String(part))?.[1];
  }
  return value === undefined;
}

/** Stripe's error for the first thing that is wrong with a form. */
export function parameterError(error: z.ZodError, raw: unknown): StripeError {
  const [issue] = error.issues;
  if (issue === undefined) return invalid('Invalid request.');
  if (issue.code === 'unrecognized_keys') {
    const param = nameOf([...issue.path, issue.keys[0] ?? '']);
    return invalid(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param });
  }
  const param = nameOf(issue.path);
  if (isAbsent(raw, issue.path))
    return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  if (issue.message === 'integer')
    return invalid(`Invalid integer: ${param}`, { code: 'parameter_invalid_integer', param });
  return invalid(`Invalid ${param}: ${issue.message}`, { param });
}
