import { z } from 'zod';

const longestCursor = 256;

/**
 * The query of a list, newest first: `?limit=20&cursor=…`. A cursor is the opaque `nextCursor` of the
 * previous page.
 */
export const pageRequest = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many items to return.'),
  cursor: z.string().min(1).max(longestCursor).exactOptional().describe('`nextCursor` of the page before.'),
});
export type PageRequest = z.output<typeof pageRequest>;

/**
 * One page of a list. `nextCursor` is null on the last page. Its schema is named after the items, such as
 * `MemberPage`.
 */
export function page<Item extends z.ZodType>(item: Item) {
  const page = z.strictObject({ data: z.array(item), nextCursor: z.string().nullable() });
  const { id } = item.meta() ?? {};
  return id === undefined ? page : page.meta({ id: `${id}Page` });
}

/** A list that is returned as a whole. Its schema is named after the items, such as `RoleList`. */
export function list<Item extends z.ZodType>(item: Item, longest?: number) {
  const items = z.array(item);
  const whole = z.strictObject({ data: longest === undefined ? items : items.max(longest) });
  const { id } = item.meta() ?? {};
  return id === undefined ? whole : whole.meta({ id: `${id}List` });
}
