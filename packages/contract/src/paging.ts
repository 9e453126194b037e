import { z } from 'zod';

export const pageLimitDefault = 100;
export const pageLimitMax = 1000;

/** `cursor` is opaque: it comes from `nextCursor` of the page before. */
export const PageQuery = z.object({
  cursor: z.string().min(1).max(512).optional(),
  limit: z.coerce.number().int().min(1).max(pageLimitMax).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** An instant on the wire: ISO 8601, UTC, milliseconds. */
export const Instant = z.iso.datetime();
