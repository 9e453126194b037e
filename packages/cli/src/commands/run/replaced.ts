import { replaceProcess } from '../../process/replace-process.ts';
import { describeLeftOut, joinEnvironment } from './child-environment.ts';
import { sayLine } from './own-words.ts';
import type { RunRequest } from './run.ts';

/** Becomes the command. The server lists the workload as detached: nobody is left to tell it of the end. */
export async function runReplaced({ options, start, plan, inherited }: RunRequest): Promise<number> {
  const { variables } = await start();
  const leftOut = describeLeftOut(inherited, options.environment.mode, variables);
  if (leftOut !== undefined) sayLine(leftOut);
  const environment = joinEnvironment(inherited, variables);
  return replaceProcess({ ...plan, environment });
}
