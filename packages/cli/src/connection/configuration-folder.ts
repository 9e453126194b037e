import { homedir } from 'node:os';
import { join } from 'node:path';

export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/** Coffer's folder in the user's configuration folder; it may not exist yet. */
export function configurationFolder(environment: ProcessEnvironment): string {
  const xdg = environment['XDG_CONFIG_HOME'];
  if (xdg !== undefined && xdg.startsWith('/')) return join(xdg, 'coffer');
  const home = environment['HOME'];
  return join(home === undefined || home === '' ? homedir() : home, '.config', 'coffer');
}

/** An empty variable counts as none, as shells make it hard to unset one. */
export function findSetting(environment: ProcessEnvironment, name: string): string | undefined {
  const text = environment[name];
  return text === '' ? undefined : text;
}
