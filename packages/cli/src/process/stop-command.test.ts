import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CofferHouse, openCofferHouse } from './planted/coffer.ts';
import { openOuterTerminal } from './planted/outer-terminal.ts';
import { runScript } from './planted/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'coffer-test-'));
let house: CofferHouse;
beforeAll(async () => {
  house = await openCofferHouse();
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

const isRunning = (pid: string): boolean => {
  expect(pid).toMatch(/^\d+$/);
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
};
/** The lines of what a command wrote, waited for. */
const readLines = (file: string, count: number): Promise<string[]> =>
  vi.waitFor(() => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(count);
    return lines;
  }, 10_000);
/** A shell with a child, which does not become its child: `; true` keeps it. */
const below = (script: string, file: string): string =>
  `sh -c '"'"'echo $$ >> ${join(folder, file)}; ${script}'"'"'; true`;
/** A shell whose parent, the one that started it, ends at once. */
const orphaned = (by: string, file: string, where = ''): string =>
  `(${by} sh -c '"'"'echo $$ >> ${join(folder, file)}; echo up; ${forever}'"'"' ${where} &)`;
const forever = 'while :; do sleep 0.05; done';
const unquoted = (script: string): string => script.replaceAll(`'"'"'`, "'");

const isLinux = process.platform === 'linux';
if (!isLinux) console.log('skipped: descendants on pipes are found in /proc only');

describe.skipIf(!isLinux)('R-105 R-106 on pipes, a stop and a restart end what the command started', () => {
  it('before the server hears of the end, and before the command is started again', async () => {
    const script = unquoted(below(`echo up; ${forever}`, 'again'));
    const running = house.start(['run', '--agent', 'bot', '--restart', '--', 'sh', '-c', script]);
    await running.shows('up');
    const [first = ''] = await readLines('again', 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await house.client.agents.restart('bot');
    await running.shows('up\nup');
    const [, second = ''] = await readLines('again', 2);
    expect([isRunning(first), isRunning(second)]).toEqual([false, true]);
    const [workload] = (await house.client.workloads.list()).items;
    await house.client.workloads.stop(workload?.id ?? '');
    expect((await running.finished).status).toBe(143);
    expect(isRunning(second)).toBe(false);
  });

  it('which has the grace to end by itself, although the command ended at once', async () => {
    const slow = below(`trap "sleep 0.6; echo over; exit" TERM; ${forever}`, 'slow');
    const { status, stdout } = await runScript(`STOP_ORDER=300 $RUN sh -c '${slow}'`);
    const [pid = ''] = await readLines('slow', 1);
    expect({ status, output: stdout.toString() }).toEqual({ status: 143, output: 'over\n' });
    expect(isRunning(pid)).toBe(false);
  });

  it('also where its parent had ended before, as long as it writes to us', async () => {
    const { status, stdout } = await runScript(
      `STOP_ORDER=300 $RUN sh -c '${orphaned('', 'orphan')}; sleep 60'`,
    );
    const [pid = ''] = await readLines('orphan', 1);
    expect({ status, output: stdout.toString() }).toEqual({ status: 143, output: 'up\n' });
    expect(isRunning(pid)).toBe(false);
  });

  it('but no daemon: what is in a session of its own, or writes elsewhere, and has no parent of ours', async () => {
    const daemons = [orphaned('setsid', 'daemon'), orphaned('env', 'daemon', '>/dev/null 2>&1')];
    await runScript(`STOP_ORDER=300 $RUN sh -c '${daemons.join('; ')}; sleep 60'`);
    for (const pid of await readLines('daemon', 2)) {
      expect(isRunning(pid)).toBe(true);
      process.kill(Number(pid), 'SIGKILL');
    }
  });

  it('and is killed when the grace is over', async () => {
    const deaf = below(`trap "" TERM; ${forever}`, 'deaf');
    await runScript(`STOP_ORDER=300 $RUN sh -c '${deaf}'`);
    const [pid = ''] = await readLines('deaf', 1);
    expect(isRunning(pid)).toBe(false);
  });
});

const otherProc = 'unshare --pid --fork --kill-child';
const canUnshare = isLinux && spawnSync('sh', ['-c', `${otherProc} true`]).status === 0;
if (!canUnshare) console.log('skipped: nobody here may make a namespace of process ids');

it.skipIf(!canUnshare)(
  'R-105 where /proc counts other processes than ours, a stop ends the command',
  async () => {
    const { status } = await runScript(`STOP_ORDER=300 timeout -s KILL 10 ${otherProc} $RUN sleep 60`);
    expect(status).toBe(143);
  },
);

describe('R-105 in a terminal, what the command started ends with it', () => {
  it('at a stop', async () => {
    const terminal = openOuterTerminal(`STOP_ORDER=300 $RUN sh -c '${below('sleep 611', 'told')}'`);
    const [pid = ''] = await readLines('told', 1);
    expect(await terminal.ended).toBe(143);
    expect(isRunning(pid)).toBe(false);
  });

  it('when the window is closed', async () => {
    const terminal = openOuterTerminal(`$RUN sh -c '${below('echo ready; sleep 611', 'closed')}'`);
    await terminal.shows('ready');
    const [pid = ''] = await readLines('closed', 1);
    terminal.hangUp();
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 5000);
  });
});
