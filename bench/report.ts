import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const readme = fileURLToPath(import.meta.resolve('./README.md'));

/** A ratio or an amount, and what it should be. `undefined` where the peer was not given. */
export interface Goal {
  readonly what: string;
  readonly measured: number | undefined;
  readonly goal: { readonly atLeast: number } | { readonly atMost: number };
}

const digits = (amount: number): string => (amount >= 100 ? amount.toFixed(0) : amount.toFixed(2));

const formatTable = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
};

const isMet = ({ measured, goal }: Goal): boolean =>
  measured !== undefined && ('atLeast' in goal ? measured >= goal.atLeast : measured <= goal.atMost);

const formatGoals = (goals: readonly Goal[]): string =>
  formatTable(
    ['ratio', 'measured', 'goal', ''],
    goals.map((one) => [
      one.what,
      one.measured === undefined ? 'not given' : digits(one.measured),
      'atLeast' in one.goal ? `at least ${one.goal.atLeast}` : `at most ${one.goal.atMost}`,
      one.measured === undefined ? '' : isMet(one) ? 'met' : 'NOT MET',
    ]),
  );

export interface Report {
  /** The section of bench/README.md, between its two marks. */
  readonly section: string;
  readonly words: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly goals: readonly Goal[];
}

/** Prints the figures; with `--save` they also become the last figures in bench/README.md. */
export const report = ({ section, words, head, rows, goals }: Report): void => {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? digits(cell) : cell)));
  const text = [
    `${words} ${machine}, ${new Date().toISOString().slice(0, 10)}.`,
    formatTable(head, cells),
    formatGoals(goals),
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (!process.argv.includes('--save')) return;
  const page = readFileSync(readme, 'utf8');
  const [from, to] = [`<!-- ${section}: last figures -->`, `<!-- ${section}: end -->`];
  const [before = '', rest = ''] = page.split(from);
  const after = rest.split(to)[1] ?? '';
  writeFileSync(readme, `${before}${from}\n\n${text}\n\n${to}${after}`);
};
