import type { NewestVersion, WorkloadPulse } from '@coffer/contract';
import { parseJson } from '../refusal.ts';
import type { LinkListener } from './link-listener.ts';

export interface Relay {
  readonly takePulse: (pulse: WorkloadPulse) => void;
  readonly takeEvent: (name: string | undefined, data: string) => void;
}

/**
 * Turns heartbeats and events, which say the same things and say them again over a new connection, into
 * one callback for each. Until `signal` aborts; a callback's own error is thrown outside the link, as from
 * any event.
 */
export function createRelay(listener: LinkListener, signal: AbortSignal): Relay {
  const said = new Set<'stop' | 'restart'>();
  let known: readonly string[] = [];
  let knownVersions = new Set<string>();

  const say = (act: () => void) => {
    queueMicrotask(() => {
      if (!signal.aborted) act();
    });
  };
  const ask = (what: 'stop' | 'restart') => {
    if (said.has(what)) return;
    said.add(what);
    say(() => listener[what]?.());
  };
  const rotated = ({ stale, newest = [] }: Pick<WorkloadPulse, 'stale' | 'newest'>) => {
    const versions = newest.map(({ name, environment, version }) => `${name} ${environment} ${version}`);
    const isNews =
      stale.some((name) => !known.includes(name)) || versions.some((one) => !knownVersions.has(one));
    known = stale;
    knownVersions = new Set(versions);
    if (isNews) say(() => listener.rotated?.(stale));
  };

  return {
    takePulse: ({ stop, restart, stale, newest }) => {
      if (restart) ask('restart');
      else if (stop) ask('stop');
      rotated({ stale, newest });
    },
    takeEvent: (name, data) => {
      if (name === 'stop' || name === 'restart') ask(name);
      else if (name === 'rotated') rotated(readRotated(data));
    },
  };
}

function readRotated(data: string): Pick<WorkloadPulse, 'stale' | 'newest'> {
  const json = parseJson(data)?.json;
  if (typeof json !== 'object' || json === null || !('stale' in json) || !Array.isArray(json.stale))
    return { stale: [] };
  const newest = 'newest' in json && Array.isArray(json.newest) ? json.newest.filter(isVersion) : [];
  return { stale: json.stale.filter((name) => typeof name === 'string'), newest };
}

const isVersion = (one: unknown): one is NewestVersion =>
  typeof one === 'object' &&
  one !== null &&
  ['name', 'environment', 'version'].every((field) => Object.hasOwn(one, field));
