import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runAttached } from './run-attached.ts';
import type { RunningCommand } from './running-command.ts';
import { type Delivery, type LinkListener, type Supervision, supervise } from './supervise.ts';

/** A line to a server that a test speaks for, and what was reported over it. */
class Line {
  readonly ends: (number | undefined)[] = [];
  starts = 0;
  said: string[] = [];
  #listener: LinkListener | undefined;
  failAt = Number.POSITIVE_INFINITY;

  readonly start = (): Promise<Delivery> => {
    this.starts += 1;
    if (this.starts >= this.failAt) return Promise.reject(new Error('unresolved'));
    const listen = (listener: LinkListener): void => {
      this.#listener = listener;
    };
    const end = (status?: number): Promise<boolean> => {
      this.ends.push(status);
      return Promise.resolve(true);
    };
    return Promise.resolve({ variables: [], link: { listen, end, close: () => undefined } });
  };

  async heard(): Promise<LinkListener> {
    while (this.#listener === undefined) await pause(10);
    const listener = this.#listener;
    this.#listener = undefined;
    return listener;
  }
}

const launchScript = (script: string): Promise<RunningCommand> =>
  runAttached({ command: ['sh', '-c', script], file: '/bin/sh', environment: { PATH: '/usr/bin:/bin' } });

const begin = (line: Line, script: string, changes: Partial<Supervision> = {}): Promise<number> =>
  supervise({
    start: line.start,
    startAgain: line.start,
    launch: () => launchScript(script),
    onRotate: 'ignore',
    rotateSignal: 'SIGHUP',
    restart: false,
    stopGraceMs: 300,
    say: (text) => line.said.push(text),
    ...changes,
  });

const forever = 'while :; do sleep 0.05; done';
/** The first of them runs until it is ended, the next ends by itself. */
const launchTwice =
  (line: Line): Supervision['launch'] =>
  () =>
    launchScript(line.starts > 1 ? 'exit 3' : forever);

describe('R-105 a stop asked for by the server', () => {
  it('is SIGTERM, and the exit status is the command’s', async () => {
    const line = new Line();
    const status = begin(line, `trap 'exit 5' TERM; ${forever}`);
    (await line.heard()).stop();
    expect(await status).toBe(5);
    expect(line.ends).toEqual([5]);
  });

  it('is SIGKILL when the grace is over', async () => {
    const line = new Line();
    const status = begin(line, `trap '' TERM; ${forever}`);
    (await line.heard()).stop();
    expect(await status).toBe(137);
  });
});

describe('R-106 a restart asked for by the server', () => {
  it.each<Partial<Supervision>>([{ restart: true }, { onRotate: 'restart' }])(
    'starts a new workload with %o',
    async (how) => {
      const line = new Line();
      const launch = launchTwice(line);
      const status = begin(line, '', { ...how, launch });
      (await line.heard()).restart();
      expect(await status).toBe(3);
      expect(line).toMatchObject({ starts: 2, ends: [143, 3], said: ['started again'] });
    },
  );

  it('is a stop for a runner that was not told to start again', async () => {
    const line = new Line();
    const status = begin(line, forever);
    (await line.heard()).restart();
    expect(await status).toBe(143);
    expect(line.starts).toBe(1);
  });
});

describe('R-104 a rotation', () => {
  it('is nothing to a command unless told otherwise', async () => {
    const line = new Line();
    const status = begin(line, 'sleep 0.5; exit 2');
    (await line.heard()).rotated(['KEY']);
    expect(await status).toBe(2);
    expect(line.starts).toBe(1);
  });

  it('can be a signal', async () => {
    const line = new Line();
    const status = begin(line, `trap 'exit 8' USR1; ${forever}`, {
      onRotate: 'signal',
      rotateSignal: 'SIGUSR1',
    });
    (await line.heard()).rotated(['KEY']);
    expect(await status).toBe(8);
  });

  it('can be a restart: the new workload is started before the old command is ended, several rotations are one', async () => {
    const line = new Line();
    const launch = launchTwice(line);
    const status = begin(line, '', { onRotate: 'restart', launch });
    const listener = await line.heard();
    listener.rotated(['KEY']);
    listener.rotated(['KEY', 'OTHER']);
    expect(await status).toBe(3);
    expect(line).toMatchObject({ starts: 2, ends: [undefined, 3] });
  });

  it('leaves the command running where the new values cannot be resolved', async () => {
    const line = new Line();
    line.failAt = 2;
    const status = begin(line, 'sleep 0.6; exit 4', { onRotate: 'restart' });
    (await line.heard()).rotated(['KEY']);
    expect(await status).toBe(4);
    expect(line.said).toEqual([
      'a secret was rotated, but the command runs on with the old value, and the start is tried again: unresolved',
    ]);
  });
});

describe('a command that cannot be launched', () => {
  it('ends its workload, without an exit status', async () => {
    const line = new Line();
    await expect(begin(line, '', { launch: () => Promise.reject(new Error('no')) })).rejects.toThrow('no');
    expect(line.ends).toEqual([undefined]);
  });
});

describe('a short command', () => {
  it('is over before a link is opened, and its end is told', async () => {
    const line = new Line();
    expect(await begin(line, 'exit 1')).toBe(1);
    expect(line.ends).toEqual([1]);
  });

  it('does not wait long for a server that does not answer', async () => {
    const line = new Line();
    const start = async (): Promise<Delivery> => {
      const delivery = await line.start();
      return { ...delivery, link: { ...delivery.link, end: () => new Promise<boolean>(() => undefined) } };
    };
    const begun = Date.now();
    expect(await begin(line, 'exit 1', { start })).toBe(1);
    expect(Date.now() - begun).toBeLessThan(2000);
  });
});
