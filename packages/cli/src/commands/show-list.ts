import type { CommandTerminal } from '@coffer/contract';

export interface List<Item> {
  readonly items: readonly Item[];
  readonly columns: Readonly<Record<string, (item: Item) => string>>;
  /** Said on stderr where there is nothing; names the scope. */
  readonly empty: string;
}

/** Prints a list: JSON array, table, or one line on stderr that there is nothing. */
export async function showList<Item>(
  terminal: CommandTerminal,
  { items, columns, empty }: List<Item>,
): Promise<void> {
  if (terminal.json) {
    terminal.printJson(items);
    return;
  }
  if (items.length === 0) {
    terminal.say(empty);
    return;
  }
  const cells = Object.values(columns);
  await terminal.printTable(
    Object.keys(columns),
    items.map((item) => cells.map((cell) => cell(item))),
  );
}
