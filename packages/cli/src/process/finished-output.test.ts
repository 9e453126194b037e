import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CofferHouse, openCofferHouse } from './planted/coffer.ts';
import { runScript, startPlanted } from './planted/start.ts';

let house: CofferHouse;
beforeAll(async () => {
  house = await openCofferHouse();
});
afterAll(() => house.close());

/** Runs `yes`, whose output nobody reads, and gives the program when its pipe is full. */
const startStalled = async () => {
  const child = startPlanted(['sh', '-c', 'echo begun >&2; exec yes']);
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, 700));
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, exited };
};

describe('R-112 a reader that does not read', () => {
  it('holds us up after the command was ended, until we are told to end once more', async () => {
    const { child, exited } = await startStalled();
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    expect(await exited).toBe(143);
  }, 10_000);

  it('is not waited for longer than the grace after a stop', async () => {
    vi.stubEnv('STOP_ORDER', '300');
    const { exited } = await startStalled();
    vi.unstubAllEnvs();
    expect(await exited).toBe(143);
  }, 10_000);

  it('does not keep the server from hearing of the command’s end', async () => {
    const print = 'i=0; while [ $i -lt 40000 ]; do echo 0123456789; i=$((i+1)); done';
    const running = house.start([
      'run',
      '--agent',
      'bot',
      '--',
      'sh',
      '-c',
      `echo up; sleep 1; ${print}; exit 3`,
    ]);
    await running.shows('up');
    running.stopReading();
    await vi.waitFor(async () => {
      expect((await house.client.workloads.list()).items[0]).toMatchObject({ exitStatus: 3 });
    }, 8000);
    running.signal('SIGTERM');
    expect(await running.exited).toBe(3);
  }, 15_000);
});

describe.skipIf(!existsSync('/dev/full'))('R-203 output that cannot be written', () => {
  it('is said, and is a failure of a command that itself had none', async () => {
    const { stdout, stderr } = await runScript(
      `$RUN echo hi > /dev/full; echo $?; $RUN sh -c 'echo hi; exit 6' > /dev/full; echo $?`,
    );
    expect(stdout.toString()).toBe('125\n6\n');
    expect(stderr).toBe('a part of the output could not be written: ENOSPC\n'.repeat(2));
  });

  it('is none where the reader has gone away', async () => {
    const { stderr } = await runScript('$RUN seq 100000 | head -1');
    expect(stderr).toBe('');
  });
});
