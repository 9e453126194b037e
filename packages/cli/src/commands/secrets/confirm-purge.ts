import type { CommandInput, CommandTerminal } from '@coffer/contract';
import { Declined } from '../../terminal/declined.ts';
import { usageError } from '../../terminal/usage.ts';

/** Destroying for good is asked about, whatever else is known; `--yes` or `--force` answer. Throws `Declined`. */
export async function confirmPurge(
  given: CommandInput,
  terminal: CommandTerminal,
  what: string,
): Promise<void> {
  if (given.has('yes') || given.has('force')) return;
  if (!terminal.interactive) {
    throw usageError(
      '--purge destroys the values for good, and nobody is there to confirm it.',
      'Add --yes.',
    );
  }
  if (!(await terminal.confirm(`Destroy every value of ${what} for good?`))) {
    throw new Declined('Nothing was deleted.');
  }
}
