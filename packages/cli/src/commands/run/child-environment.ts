import { CofferError } from '@coffer/contract/errors';
import { isReservedVariableName, isVariableName } from '@coffer/contract/names';
import {
  type EnvironmentMode,
  type InheritedEnvironment,
  type ProcessEnvironment,
  environmentRules,
} from '../../process/environment.ts';
import type { Variable } from '../../process/supervise.ts';

/**
 * What the command gets: the inherited part, with what was delivered on top. Throws `env_name_invalid` and
 * `name_reserved` where the server delivers what it should not have stored: the runner's machine is not its own.
 */
export function joinEnvironment(
  inherited: InheritedEnvironment,
  delivered: readonly Variable[],
): ProcessEnvironment {
  const joined: Record<string, string> = { ...inherited.variables };
  for (const { name, value } of delivered) {
    refuseName(name);
    joined[name] = value;
  }
  return joined;
}

function refuseName(name: string): void {
  if (!isVariableName(name)) {
    throw new CofferError('env_name_invalid', {
      detail: 'The server delivered a name that no environment variable can have; nothing was started.',
      hint: 'Look whether COFFER_URL names the right server, and run the same version of Coffer on both sides.',
    });
  }
  if (isReservedVariableName(name)) {
    throw new CofferError('name_reserved', {
      detail: `The server delivered ${name}, which would change how the process itself runs; nothing was started.`,
      hint: 'Look whether COFFER_URL names the right server, or give the secret another name.',
    });
  }
}

/** The line about what the command did not inherit; undefined where that is nothing. */
export function describeLeftOut(
  { leftOut }: InheritedEnvironment,
  mode: EnvironmentMode,
  delivered: readonly Variable[],
): string | undefined {
  if (mode === 'clean') {
    const kept = [
      ...environmentRules.cleanNames,
      ...environmentRules.cleanPrefixes.map((prefix) => `${prefix}*`),
    ];
    return `left out of the environment: all but ${kept.join(', ')}`;
  }
  const names = new Set(delivered.map(({ name }) => name));
  const missed = leftOut.filter((name) => !names.has(name));
  return missed.length === 0 ? undefined : `left out of the environment: ${missed.join(', ')}`;
}
