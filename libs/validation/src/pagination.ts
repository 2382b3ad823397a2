import { z } from 'zod';

const longestCursor = 256;

/** The query of a list, newest first: `?limit=20&cursor=…`. A cursor is what the page before gave as `nextCursor`, and nothing to be made by hand. */
export const pageRequest = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(100)).default(20),
  cursor: z.string().min(1).max(longestCursor).exactOptional(),
});
export type PageRequest = z.output<typeof pageRequest>;

/** One page of a list; `nextCursor` is null on the last one. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ data: z.array(item), nextCursor: z.string().nullable() });
}
