import type { CommandInput, CommandTerminal, ReceivedRecord } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { runFailure } from '../../process/exit-status.ts';
import { readOnly, readTarget } from './read-options.ts';

/** Shows what a start would deliver (R-321): names, sources and versions, and what is missing and why. */
export async function preview(given: CommandInput, terminal: CommandTerminal): Promise<number> {
  const target = readTarget(given);
  const client = openClient(given, terminal);
  const previewed = await client.workloads.preview({ ...target, only: readOnly(given) });
  if (terminal.json) terminal.printJson(previewed);
  else {
    await terminal.printTable(
      ['NAME', 'TYPE', 'SOURCE', 'ENVIRONMENT', 'VERSION', 'PROBLEM'],
      previewed.variables.map(toRow),
    );
    const { agent, environment, startable, problem } = previewed;
    const reason = problem === null ? '' : `: ${problem.detail} (${problem.code})`;
    terminal.say(`${agent} in ${environment} ${startable ? 'can be started' : `cannot be started${reason}`}`);
  }
  return previewed.startable ? 0 : runFailure.failed;
}

const toRow = ({ name, type, source, environment, version, problem }: ReceivedRecord): string[] => [
  name,
  type,
  source,
  environment ?? '-',
  version === null ? '-' : String(version),
  problem === null ? '' : `${problem.code}: ${problem.detail}`,
];
