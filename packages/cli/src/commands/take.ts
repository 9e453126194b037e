/** The first `count` items of a list, and whether it goes on. */
export async function take<Item>(
  items: AsyncIterable<Item>,
  count: number,
): Promise<{ readonly items: Item[]; readonly more: boolean }> {
  const taken: Item[] = [];
  for await (const item of items) {
    if (taken.length === count) return { items: taken, more: true };
    taken.push(item);
  }
  return { items: taken, more: false };
}
