import { z } from 'zod';

/** So many connections, each of which sends its next request when its last one is answered, for so long. */
export const load = z.object({
  url: z.string(),
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  /** One for each connection, all of whose requests carry it. */
  bodies: z.array(z.string()).exactOptional(),
  /** One for each connection: its requests carry it, and go on with the one that each answer brings. */
  refreshTokens: z.array(z.string()).exactOptional(),
  connections: z.int().positive(),
  seconds: z.number().positive(),
});
export type Load = z.output<typeof load>;

export const loadResult = z.object({
  /** Answered, well or badly. */
  requests: z.number(),
  seconds: z.number(),
  /** Milliseconds; missing when there was no answer at all. */
  latency: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).optional(),
  /** Requests without a good answer, by status or `connection`. */
  failures: z.record(z.string(), z.number()),
});
export type LoadResult = z.output<typeof loadResult>;
