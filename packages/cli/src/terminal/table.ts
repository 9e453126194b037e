import Table from 'cli-table3';
import { printableInLine } from './printable.ts';

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Lines of columns, aligned by two spaces, the names of the columns first. */
export function renderTable(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const table = new Table({
    head: [...columns],
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  for (const row of rows) table.push(row.map(printableInLine));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
