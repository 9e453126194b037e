import type { WorkloadPulse } from '@coffer/contract';
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
  const rotated = (stale: readonly string[]) => {
    const isNews = stale.some((name) => !known.includes(name));
    known = stale;
    if (isNews) say(() => listener.rotated?.(stale));
  };

  return {
    takePulse: ({ stop, restart, stale }) => {
      if (restart) ask('restart');
      else if (stop) ask('stop');
      rotated(stale);
    },
    takeEvent: (name, data) => {
      if (name === 'stop' || name === 'restart') ask(name);
      else if (name === 'rotated') rotated(readStale(data));
    },
  };
}

function readStale(data: string): readonly string[] {
  const json = parseJson(data)?.json;
  if (typeof json !== 'object' || json === null || !('stale' in json) || !Array.isArray(json.stale))
    return [];
  return json.stale.filter((name) => typeof name === 'string');
}
