import { z } from 'zod';
import { fieldRules } from './rule';

/**
 * A time in RFC 3339 with any offset, converted to UTC in milliseconds. JavaScript and PostgreSQL agree
 * only on the years 1 to 9999, which an offset can leave: `9999-12-31T23:59:59-01:00` is in the year
 * 10000.
 */
export const time = z.iso
  .datetime({ offset: true })
  .max(64)
  .transform((text, context) => {
    const parsed = new Date(text);
    const year = parsed.getUTCFullYear();
    if (year >= 1 && year <= 9999) return parsed.toISOString();
    context.addIssue({ code: 'custom', message: fieldRules.time_invalid, params: { code: 'time_invalid' } });
    return z.NEVER;
  })
  .meta({ examples: ['2026-01-31T00:00:00Z'] });
