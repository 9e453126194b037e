import type { Command } from '@coffer/contract';

export { commands } from './commands/commands.ts';
export { runCommandLine } from './terminal/run-command-line.ts';

/** Loads late: only the documentation asks for it. */
export const renderCommandPage = async (roots: readonly Command[]): Promise<string> =>
  (await import('./terminal/command-page.ts')).renderCommandPage(roots);
