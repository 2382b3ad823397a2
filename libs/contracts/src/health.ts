import { z } from 'zod';
import { defineRpc } from './rpc';

const request = z.strictObject({});
const response = z.strictObject({ status: z.enum(['ok', 'error']) });

/** Answered by every service that takes requests: is it up, and can it reach its database? */
export const serviceHealth = {
  auth: defineRpc('auth', 'health', { access: 'public', request, response, timeoutMs: 1_000 }),
  billing: defineRpc('billing', 'health', { access: 'public', request, response, timeoutMs: 1_000 }),
  notification: defineRpc('notification', 'health', { access: 'public', request, response, timeoutMs: 1_000 }),
} as const;
