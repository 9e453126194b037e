import { constants } from 'node:os';

/** Exit statuses of `coffer run` itself, as `env`, `timeout` and `nohup` use them. */
export const runFailure = { failed: 125, notExecutable: 126, notFound: 127 } as const;

/** The status a shell gives: the program's own, or 128 + N where signal N ended it. */
export function toExitStatus(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return 128 + constants.signals[signal];
  return code ?? runFailure.failed;
}
