import type { Advice, CommandTerminal } from '@coffer/contract';

/** What the server wants known of an answer; with `--json` the answer carries it. */
export function sayAdvice(terminal: CommandTerminal, advice: readonly Advice[]): void {
  if (terminal.json) return;
  for (const { level, message } of advice) terminal.say(`${level}: ${message}`);
}
