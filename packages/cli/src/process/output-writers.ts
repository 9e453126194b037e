import { type BigIntStats, fstatSync, statSync } from 'node:fs';
import type { OutputChannel } from './output-channel.ts';

/**
 * Tells of a process whether its stdout or stderr is one of these channels, by the open files that Linux shows in
 * /proc. Nobody but the command has them, and who got them from it. To be made before the channels are released.
 */
export function recogniseWriters(channels: readonly OutputChannel[]): (pid: number) => boolean {
  const known = channels.map(({ writeEnd, source }) => ({
    file: identify(() => fstatSync(writeEnd, { bigint: true })),
    source,
  }));
  return (pid) =>
    [1, 2].some((descriptor) => {
      const file = identify(() => statSync(`/proc/${pid}/fd/${descriptor}`, { bigint: true }));
      // Once our end is closed, the number of the file may become another's.
      return file !== undefined && known.some((one) => one.file === file && !one.source.destroyed);
    });
}

function identify(look: () => BigIntStats): string | undefined {
  try {
    const { dev, ino } = look();
    return `${dev}:${ino}`;
  } catch {
    // It has ended, or is none of ours to look at.
    return undefined;
  }
}
