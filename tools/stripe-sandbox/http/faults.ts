import { z } from 'zod';

/** What goes wrong on the way to Stripe and back. */
export const faultSchema = z.strictObject({
  /**
   * `rate_limit` 429 · `error` 500 as JSON · `html` 502 as HTML · `garbage` 502 as JSON without `error` ·
   * `cut` the connection closes without an answer · `hang` it stays open without one · `slow` the answer comes late
   */
  kind: z.enum(['rate_limit', 'error', 'html', 'garbage', 'cut', 'hang', 'slow']),
  /** Whether the request takes effect all the same. */
  when: z.enum(['before', 'after']).default('before'),
  /** The beginning of the path: `/v1/subscriptions`. */
  path: z.string().startsWith('/').default('/'),
  method: z.enum(['GET', 'POST', 'DELETE']).optional(),
  /** How many requests it hits. */
  count: z.int().positive().default(1),
  /** How late a slow answer is. */
  ms: z.int().positive().max(120_000).default(1_000),
});

export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;

export class Faults {
  private list: Fault[] = [];

  add(fault: FaultInput): void {
    this.list.push(faultSchema.parse(fault));
  }

  clear(): void {
    this.list = [];
  }

  pending(): readonly Fault[] {
    return this.list;
  }

  /** The fault that hits this request, if any. It is used up. */
  take(method: string, path: string): Fault | undefined {
    const hit = this.list.find(
      (fault) => path.startsWith(fault.path) && (fault.method === undefined || fault.method === method),
    );
    if (hit === undefined) return undefined;
    this.list = this.list.flatMap((fault) => {
      if (fault !== hit) return [fault];
      return fault.count > 1 ? [{ ...fault, count: fault.count - 1 }] : [];
    });
    return hit;
  }
}
