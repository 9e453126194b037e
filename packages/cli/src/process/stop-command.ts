import type { RunningCommand } from './running-command.ts';

/** Asks the command to end, and ends it when the grace is over. */
export async function stopCommand(command: RunningCommand, graceMs: number): Promise<void> {
  command.signal('SIGTERM');
  // A stopped command acts on it only when it goes on.
  command.signal('SIGCONT');
  const timer = setTimeout(() => command.signal('SIGKILL'), graceMs);
  await command.ended;
  clearTimeout(timer);
}
