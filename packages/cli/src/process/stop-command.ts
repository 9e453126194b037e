import type { RunningCommand } from './running-command.ts';

/** How long what was killed may take to be gone; what the system holds on to is not waited for. */
const killMs = 1000;

/** Ends the command with what it started: asks it to, and kills what is left when the grace is over. */
export async function stopCommand({ job }: RunningCommand, graceMs: number): Promise<void> {
  // A stopped process acts on SIGTERM only when it goes on.
  job.signal('SIGTERM', 'SIGCONT');
  if (await job.endsWithin(graceMs)) return;
  job.signal('SIGKILL');
  await job.endsWithin(killMs);
}
