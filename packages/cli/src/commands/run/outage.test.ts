import { setTimeout as pause } from 'node:timers/promises';
import { type UnreliableProxy, startUnreliableProxy } from '@coffer/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CofferHouse, type RunningCoffer, openCofferHouse } from '../../process/planted/coffer.ts';

let house: CofferHouse;
let proxy: UnreliableProxy;
let running: RunningCoffer | undefined;
beforeEach(async () => {
  house = await openCofferHouse();
  proxy = await startUnreliableProxy(house.url);
  running = undefined;
});
afterEach(async () => {
  running?.signal('SIGTERM');
  await running?.finished;
  await proxy.close();
  await house.close();
});

const starts = /^POST \/v1\/workloads$/;
const answersTo = (request: string) => proxy.answered.filter((line) => line.startsWith(request));
const newest = async () => {
  const [workload] = (await house.client.workloads.list()).items;
  if (workload === undefined) throw new Error('no workload');
  return workload;
};

/** `coffer run` by way of the proxy, once its command says how long the value is. */
const startUp = async (options: readonly string[], script = ''): Promise<RunningCoffer> => {
  const command = ['sh', '-c', `${script} echo "up \${#PLANTED}"; while :; do sleep 0.05; done`];
  running = house.start(['run', '--agent', 'bot', ...options, '--', ...command], {
    environment: { COFFER_URL: proxy.url },
  });
  await running.shows('up 32\n');
  return running;
};
/** The same, whose link has been answered. */
const startLinked = async (...given: Parameters<typeof startUp>): Promise<RunningCoffer> => {
  const coffer = await startUp(...given);
  for (let tries = 0; answersTo('GET').length === 0; tries += 1) {
    if (tries > 400) throw new Error('no link');
    await pause(25);
  }
  return coffer;
};
const rotateTo = (value: string) => house.client.secrets.set('bot', 'PLANTED', value);
const twelve = 'sk-live-0012';

describe('R-104 R-311 a rotation while no start works', () => {
  it('leaves the command running, and never starts it on the delivery that was kept for an outage', async () => {
    await house.client.policy.set('offline_start', 2);
    const coffer = await startLinked(['--on-rotate', 'restart']);
    proxy.rule(starts, 'cut');
    await rotateTo(twelve);
    await coffer.says('a secret was rotated, but the command runs on with the old value');
    await pause(300);
    proxy.rule(starts, 'pass');
    await coffer.shows('up 12\n');
    coffer.signal('SIGTERM');
    const { stdout, stderr } = await coffer.finished;
    expect(stdout).toBe('up 32\nup 12\n');
    expect(stderr).not.toContain('starting with what it delivered');
  });

  it('is carried out once a start works again, and its failure is said once', async () => {
    const coffer = await startLinked(['--on-rotate', 'restart']);
    proxy.rule(starts, { status: 503 });
    await rotateTo(twelve);
    await coffer.says('the start is tried again');
    for (let tries = 0; answersTo('POST /v1/workloads 503').length < 2 && tries < 400; tries += 1)
      await pause(25);
    proxy.rule(starts, 'pass');
    await coffer.shows('up 12\n');
    coffer.signal('SIGTERM');
    const { stderr } = await coffer.finished;
    expect(stderr.match(/tried again/g)).toHaveLength(1);
    expect(answersTo('POST /v1/workloads 503').length).toBeGreaterThan(1);
  });

  it('does not hold up the exit of a command that ends meanwhile', async () => {
    const coffer = await startLinked(['--on-rotate', 'restart'], 'trap "exit 6" USR1;');
    proxy.rule(starts, { waitMs: 20_000 });
    await rotateTo(twelve);
    await pause(700);
    const asked = performance.now();
    coffer.signal('SIGUSR1');
    expect((await coffer.finished).status).toBe(6);
    expect(performance.now() - asked).toBeLessThan(3000);
  });
});

describe('R-104 a further rotation of the same secret', () => {
  it('is a signal again to a command that is signalled', async () => {
    const coffer = await startLinked(['--on-rotate', 'signal'], "trap 'echo told' HUP;");
    await rotateTo(twelve);
    await coffer.shows('told\n');
    await rotateTo('sk-live-00013');
    await coffer.shows('told\ntold\n');
  });

  it('has a start that was refused tried again at once', async () => {
    const coffer = await startLinked(['--on-rotate', 'restart']);
    await house.client.secrets.set('bot', 'ONLY_THERE', { production: 'only-in-production' });
    await rotateTo(twelve);
    await coffer.says('the start is tried again');
    await house.client.secrets.delete('bot', 'ONLY_THERE');
    const asked = performance.now();
    await rotateTo('sk-live-00013');
    await coffer.shows('up 13\n');
    expect(performance.now() - asked).toBeLessThan(4000);
  });
});

describe('R-106 `coffer agent restart`', () => {
  it('close to a rotation whose start is slow leaves the agent running, with the new value', async () => {
    const coffer = await startLinked(['--on-rotate', 'restart']);
    proxy.rule(starts, { answerMs: 800 });
    await rotateTo(twelve);
    await pause(500);
    await house.client.agents.restart('bot');
    await coffer.shows('up 12\n');
    proxy.rule(starts, 'pass');
    await pause(1500);
    expect((await newest()).state).toMatch(/starting|running/);
  });

  it('leaves the command running until a new start works', async () => {
    const coffer = await startLinked(['--restart']);
    const { id } = await newest();
    proxy.rule(starts, { status: 503 });
    await rotateTo(twelve);
    await house.client.agents.restart('bot');
    await coffer.says('a restart was asked for, but the command runs on');
    expect(await house.client.workloads.get(id)).toMatchObject({ endedAt: null });
    proxy.rule(starts, 'pass');
    await coffer.shows('up 12\n');
    expect(await house.client.workloads.get(id)).toMatchObject({ state: 'stopped', exitStatus: 143 });
  });

  it('is over when a stop is asked for before the new start works', async () => {
    const coffer = await startLinked(['--restart']);
    proxy.rule(starts, { status: 503 });
    await house.client.agents.restart('bot');
    await coffer.says('a restart was asked for');
    await house.client.workloads.stop((await newest()).id);
    expect((await coffer.finished).status).toBe(143);
  });
});

describe('R-104 a signal that the command outlives', () => {
  it.each(['SIGINT', 'SIGQUIT', 'SIGTERM'] as const)('%s does not keep a rotation away', async (name) => {
    const options = ['--on-rotate', 'restart', '--stop-grace', '0.5'];
    const coffer = await startLinked(options, `trap 'echo got' ${name.slice(3)};`);
    coffer.signal(name);
    await coffer.shows('got');
    await rotateTo(twelve);
    await coffer.shows('up 12\n');
    await house.client.workloads.stop((await newest()).id);
    expect((await coffer.finished).stdout).toBe(
      name === 'SIGTERM' ? 'up 32\ngot\ngot\nup 12\ngot\n' : 'up 32\ngot\nup 12\n',
    );
  });

  it('is no wish for the end where it is SIGHUP: a rotation is carried out at once', async () => {
    const coffer = await startLinked(['--on-rotate', 'restart'], "trap 'echo got' HUP;");
    coffer.signal('SIGHUP');
    await coffer.shows('got');
    const asked = performance.now();
    await rotateTo(twelve);
    await coffer.shows('up 12\n');
    expect(performance.now() - asked).toBeLessThan(5000);
  });

  it('is not taken for outlived while the command takes its time to end', async () => {
    const coffer = await startLinked(['--on-rotate', 'restart'], "trap 'sleep 2; exit 9' TERM;");
    coffer.signal('SIGTERM');
    await rotateTo(twelve);
    expect(await coffer.finished).toMatchObject({ status: 9, stdout: 'up 32\n' });
    const unfinished = (await house.client.workloads.list()).items.filter(({ endedAt }) => endedAt === null);
    expect(unfinished).toEqual([]);
  });
});

describe('a workload that the server no longer knows', () => {
  it('is said, and the command runs on', async () => {
    proxy.rule(/\/(heartbeat|events)$/, { status: 404 });
    const coffer = await startUp([]);
    await coffer.says('the server no longer knows this workload');
    coffer.signal('SIGTERM');
    expect((await coffer.finished).status).toBe(143);
  });
});

describe('the end of a command', () => {
  it('is not held up by a server that never answers the notice of it', async () => {
    proxy.rule(/\/end$/, { waitMs: 20_000 });
    running = house.start(['run', '--agent', 'bot', '--', 'sh', '-c', 'echo "up"; exit 3'], {
      environment: { COFFER_URL: proxy.url },
    });
    await running.shows('up');
    const shown = performance.now();
    expect((await running.finished).status).toBe(3);
    expect(performance.now() - shown).toBeLessThan(3000);
  });
});
