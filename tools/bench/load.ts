import { z } from 'zod';

/** Connections that each send the next request when they get the response to the last one, for some seconds. */
export const load = z.object({
  url: z.string(),
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  /** One per connection, used for all its requests. */
  bodies: z.array(z.string()).exactOptional(),
  /** One per connection. Each request sends the token of the previous response. */
  refreshTokens: z.array(z.string()).exactOptional(),
  connections: z.int().positive(),
  seconds: z.number().positive(),
});
export type Load = z.output<typeof load>;

export const loadResult = z.object({
  /** Requests with a response, good or bad. */
  requests: z.number(),
  seconds: z.number(),
  /** In milliseconds. Missing if there was no response at all. */
  latency: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).optional(),
  /** Failed requests, by status or `connection`. */
  failures: z.record(z.string(), z.number()),
});
export type LoadResult = z.output<typeof loadResult>;
