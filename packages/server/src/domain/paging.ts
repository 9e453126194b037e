import { CofferError, pageLimitDefault, type Page } from '@coffer/contract';

/** A cursor is the sort key of the last item, as base64url JSON; opaque to callers. */
export const encodeCursor = (parts: readonly string[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Throws `request_invalid` where the text is no cursor of this many parts. */
export const decodeCursor = (cursor: string | undefined, count: number): readonly string[] | undefined => {
  if (cursor === undefined) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === count && parts.every((part) => typeof part === 'string')) {
      return parts;
    }
  } catch {
    throw cursorInvalid();
  }
  throw cursorInvalid();
};

const cursorInvalid = (): CofferError =>
  new CofferError('request_invalid', {
    detail: 'The cursor is not one that this list gave out.',
    hint: 'Start again without a cursor; go on with nextCursor of the page before.',
    errors: [{ path: 'query.cursor', detail: 'not a cursor of this list' }],
  });

export const limitOf = (limit: number | undefined): number => limit ?? pageLimitDefault;

/** Cuts a list that was read one item longer than the page, and says where the next page starts. */
export const toPage = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  shape: { cursorOf: (row: Row) => readonly string[]; itemOf: (row: Row) => Item },
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(shape.itemOf),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(shape.cursorOf(last)) : null,
  };
};
