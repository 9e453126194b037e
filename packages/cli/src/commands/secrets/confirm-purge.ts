import type { CommandInput, CommandTerminal } from '@coffer/contract';
import { usageError } from '../../terminal/usage.ts';

/** Destroying for good is asked about, whatever else is known; `--yes` or `--force` answer. */
export async function confirmPurge(
  given: CommandInput,
  terminal: CommandTerminal,
  what: string,
): Promise<boolean> {
  if (given.has('yes') || given.has('force')) return true;
  if (!terminal.interactive) {
    throw usageError(
      '--purge destroys the values for good, and nobody is there to confirm it.',
      'Add --yes.',
    );
  }
  return await terminal.confirm(`Destroy every value of ${what} for good?`);
}
