import { z } from 'zod';

const longestCursor = 256;

/** The query of a list, newest first: `?limit=20&cursor=…`. A cursor is what the page before gave as `nextCursor`, and nothing to be made by hand. */
export const pageRequest = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many items to return.'),
  cursor: z.string().min(1).max(longestCursor).exactOptional().describe('`nextCursor` of the page before.'),
});
export type PageRequest = z.output<typeof pageRequest>;

/** One page of a list; `nextCursor` is null on the last one. Named after its items: `MemberPage`. */
export function page<Item extends z.ZodType>(item: Item) {
  const page = z.strictObject({ data: z.array(item), nextCursor: z.string().nullable() });
  const { id } = item.meta() ?? {};
  return id === undefined ? page : page.meta({ id: `${id}Page` });
}

/** A list that is short enough to come whole. Named after its items: `RoleList`. */
export function list<Item extends z.ZodType>(item: Item, longest?: number) {
  const items = z.array(item);
  const whole = z.strictObject({ data: longest === undefined ? items : items.max(longest) });
  const { id } = item.meta() ?? {};
  return id === undefined ? whole : whole.meta({ id: `${id}List` });
}
