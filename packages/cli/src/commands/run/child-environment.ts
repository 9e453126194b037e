import {
  type EnvironmentMode,
  type InheritedEnvironment,
  type ProcessEnvironment,
  environmentRules,
} from '../../process/environment.ts';
import type { Variable } from '../../process/supervise.ts';

/** What the command gets: the inherited part, with what was delivered on top. */
export function joinEnvironment(
  inherited: InheritedEnvironment,
  delivered: readonly Variable[],
): ProcessEnvironment {
  const joined: Record<string, string> = { ...inherited.variables };
  for (const { name, value } of delivered) joined[name] = value;
  return joined;
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
