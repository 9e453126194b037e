export interface Row {
  values: number;
  name: string;
  version: string;
  seconds: number;
  megabytesPerSecond: number;
  missedValues: string;
  missedForms: string;
}

export interface Goal {
  what: string;
  measured: number;
  goal: string;
  isMet: boolean;
}

export function formatRows(rows: readonly Row[]): string {
  return formatTable(
    ['values', 'program', 'version', 'seconds', 'MB/s', 'values missed', 'other forms missed'],
    rows.map((row) => [
      String(row.values),
      row.name,
      row.version,
      row.seconds.toFixed(2),
      row.megabytesPerSecond.toFixed(0),
      row.missedValues,
      row.missedForms,
    ]),
  );
}

export function formatGoals(goals: readonly Goal[]): string {
  return formatTable(
    ['ratio', 'measured', 'goal', ''],
    goals.map((goal) => [goal.what, goal.measured.toFixed(2), goal.goal, goal.isMet ? 'met' : 'NOT MET']),
  );
}

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
