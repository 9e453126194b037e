import { chownSync, lchownSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CofferHouse, openCofferHouse } from '../../process/planted/coffer.ts';
import { mask, planted } from '../../process/planted/start.ts';

let house: CofferHouse;
beforeAll(async () => {
  house = await openCofferHouse();
});
afterAll(() => house.close());

const bot = ['run', '--agent', 'bot'];
const newest = async () => {
  const [workload] = (await house.client.workloads.list()).items;
  if (workload === undefined) throw new Error('no workload');
  return workload;
};

describe('coffer run', () => {
  it('R-092 R-112 starts the command with the agent’s secrets, masks its output and passes its status on', async () => {
    const { status, stdout } = await house.run([
      ...bot,
      '--',
      'sh',
      '-c',
      'test ${#PLANTED} = 32; echo "$? $PLANTED"; exit 7',
    ]);
    expect({ status, stdout }).toEqual({ status: 7, stdout: `0 ${mask}\n` });
    expect(await newest()).toMatchObject({ agent: 'bot', exitStatus: 7, environment: 'development' });
  });

  it('R-306 says on stderr what it left out of the environment, and passes on what it is told to', async () => {
    const environment = { MY_API_KEY: 'one', MY_TOKEN: 'two', EDITOR: 'vim' };
    const { stdout, stderr } = await house.run([...bot, '--pass-env', 'MY_TOKEN', '--', 'env'], {
      environment,
    });
    expect(stderr).toBe('coffer: left out of the environment: COFFER_API_KEY, COFFER_URL, MY_API_KEY\n');
    expect(stdout).toContain('MY_TOKEN=two\n');
    expect(stdout).toContain('EDITOR=vim\n');
    expect(stdout).not.toMatch(/COFFER|MY_API_KEY/);
    const clean = await house.run([...bot, '--clean-env', '--', 'env'], { environment });
    expect(clean.stdout).not.toMatch(/EDITOR|MY_/);
    const all = await house.run([...bot, '--inherit-env', '--', 'env'], { environment });
    expect(all.stdout).toContain('MY_API_KEY=one\n');
    expect(all.stdout).not.toContain('COFFER');
  });

  it('R-107 the value is in no command line', async () => {
    const search =
      'import glob,os\nfor p in glob.glob("/proc/[0-9]*/cmdline"):\n  try: print(open(p).read().count(os.environ["PLANTED"]))\n  except OSError: pass';
    const { stdout } = await house.run([...bot, '--', 'python3', '-c', search]);
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['0']));
  });

  it('R-110 R-203 starts nothing and ends with 125 where the set cannot be resolved', async () => {
    await house.client.secrets.set('bot', 'ONLY_THERE', { production: 'only-in-production' });
    const { status, stdout, stderr } = await house.run([...bot, '--env', 'staging', '--', 'echo', 'started']);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toMatch(/env_unresolved[^]*ONLY_THERE/);
    const preview = await house.run([...bot, '--env', 'staging', '--preview']);
    expect(preview.status).toBe(125);
    expect(preview.stdout).toMatch(/ONLY_THERE.*no_value_for_environment/);
    await house.client.secrets.delete('bot', 'ONLY_THERE');
  });

  it.each([
    [['--', 'no-such-command'], 127, 'not found'],
    [['--', '/etc/passwd'], 126, 'cannot be executed'],
    [['--', '/'], 126, 'cannot be executed'],
    [[], 125, 'usage_error'],
    [['--no-such-option', '--', 'true'], 125, 'usage_error'],
    [['--exec', '--restart', '--', 'true'], 125, 'usage_error'],
  ])('R-203 its own failures have their own status: %j', async (words, status, reason) => {
    const finished = await house.run([...bot, ...words]);
    expect(finished.status).toBe(status);
    expect(finished.stderr).toContain(reason);
    expect(finished.stdout).toBe('');
  });

  it('R-203 an unknown agent, a wrong key and a server that is away are 125, with code and reason', async () => {
    const unknown = await house.run(['run', '--agent', 'nobody', '--', 'true']);
    const wrong = await house.run([...bot, '--', 'true'], {
      environment: { COFFER_API_KEY: 'cfr_key_wrong' },
    });
    const away = await house.run([...bot, '--', 'true'], {
      environment: { COFFER_URL: 'http://127.0.0.1:1' },
    });
    expect([unknown.status, wrong.status, away.status]).toEqual([125, 125, 125]);
    expect(unknown.stderr).toContain('agent_not_found');
    expect(wrong.stderr).toContain('not_authenticated');
    expect(away.stderr).toContain('server_unreachable');
  });

  it('R-321 previews names, sources and versions, never values, and starts nothing', async () => {
    const before = await newest();
    const table = await house.run([...bot, '--preview']);
    const json = await house.run([...bot, '--preview', '--json']);
    expect(table).toMatchObject({ status: 0 });
    expect(table.stdout).toMatch(/PLANTED +secret +agent/);
    expect(JSON.parse(json.stdout)).toMatchObject({ agent: 'bot', startable: true });
    expect(table.stdout + json.stdout).not.toContain(planted);
    expect((await newest()).id).toBe(before.id);
  });

  it('R-321 a preview ends with 125 and the reason where the start would fail as a whole', async () => {
    await house.client.secrets.set('bot', 'LARGE', { staging: 'x'.repeat(32_000) });
    await house.client.secrets.set('bot', 'LARGER', { staging: 'x'.repeat(32_000) });
    const { status, stderr } = await house.run([
      ...bot,
      '--env',
      'staging',
      '--only',
      'LARGE',
      '--only',
      'LARGER',
      '--preview',
    ]);
    expect(status).toBe(125);
    expect(stderr).toMatch(/bot in staging cannot be started: .*\(env_too_large\)/);
    for (const name of ['LARGE', 'LARGER']) await house.client.secrets.delete('bot', name);
  });

  it('R-321 delivers only what is asked for', async () => {
    await house.client.secrets.set('bot', 'OTHER', 'another-value');
    const { stdout } = await house.run([
      ...bot,
      '--only',
      'OTHER',
      '--',
      'sh',
      '-c',
      'echo "[$PLANTED] $OTHER"',
    ]);
    expect(stdout).toBe('[] [masked:OTHER]\n');
    await house.client.secrets.delete('bot', 'OTHER');
  });

  it('R-321 takes agent and environment from coffer.json, here or above; a malformed one is an error', async () => {
    const file = join(house.folder, 'coffer.json');
    writeFileSync(file, '{"agent": "bot", "environment": "production"}');
    expect((await house.run(['run', '--', 'sh', '-c', 'echo $PLANTED'])).stdout).toBe(`${mask}\n`);
    expect((await newest()).environment).toBe('production');
    writeFileSync(file, '{\n  "agent": bot\n}');
    const { status, stderr } = await house.run(['run', '--', 'true']);
    expect(status).toBe(125);
    expect(stderr).toMatch(/coffer\.json is not JSON\. \(file_invalid\)/);
    writeFileSync(file, '{"agnet": "bot"}');
    expect((await house.run(['run', '--', 'true'])).stderr).toContain('file_invalid');
    rmSync(file);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'R-321 takes no coffer.json of another user from a folder above, unless the command line says it all',
    async () => {
      const file = join(house.folder, 'coffer.json');
      const show = ['--', 'sh', '-c', 'echo $PLANTED'];
      writeFileSync(file, '{"agent": "bot"}');
      chownSync(file, 12345, 12345);
      const refused = await house.run(['run', ...show]);
      expect(refused).toMatchObject({ status: 125, stdout: '' });
      for (const words of [file, 'uid 12345', '--agent', 'usage_error'])
        expect(refused.stderr).toContain(words);
      expect((await house.run([...bot, '--env', 'development', ...show])).stdout).toBe(`${mask}\n`);
      const own = join(house.folder, 'own.json');
      renameSync(file, own);
      chownSync(own, 0, 0);
      symlinkSync(own, file);
      expect((await house.run(['run', ...show])).stdout).toBe(`${mask}\n`);
      lchownSync(file, 12345, 12345);
      expect((await house.run(['run', ...show])).stderr).toContain('uid 12345');
      rmSync(file);
      const here = join(house.folder, 'below', 'coffer.json');
      renameSync(own, here);
      chownSync(here, 12345, 12345);
      expect((await house.run(['run', ...show])).stdout).toBe(`${mask}\n`);
      rmSync(here);
    },
  );
});

describe('R-310 output that Coffer does not mask', () => {
  it('--no-mask and --exec follow the policy: in development, unless told otherwise', async () => {
    const show = ['--', 'sh', '-c', 'echo $PLANTED'];
    expect((await house.run([...bot, '--no-mask', ...show])).stdout).toBe(`${planted}\n`);
    expect((await house.run([...bot, '--exec', ...show])).stdout).toBe(`${planted}\n`);
    const refused = await house.run([...bot, '--env', 'production', '--no-mask', ...show]);
    expect(refused).toMatchObject({ status: 125, stdout: '' });
    expect(refused.stderr).toContain('run_forbidden');
  });

  it('--exec becomes the command: no Node is left, signals are as ever, and it is listed as detached', async () => {
    const { stdout, status } = await house.run([
      ...[...bot, '--exec', '--'],
      ...['sh', '-c', 'tr "\\0" " " < /proc/$$/cmdline | cut -c1-5; grep SigIgn /proc/self/status; exit 4'],
    ]);
    expect(stdout).toBe('sh -c\nSigIgn:\t0000000000000000\n');
    expect(status).toBe(4);
    expect((await newest()).state).toBe('detached');
  });
});

describe('the line to the server', () => {
  const loop = (more: string) => [`echo "up $PLANTED"; ${more}; while :; do sleep 0.05; done`];

  it('R-105 a stop asked for ends the command within a second', async () => {
    const running = house.start([...bot, '--', 'sh', '-c', ...loop('true')]);
    await running.shows('up');
    const { id } = await newest();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asked = Date.now();
    await house.client.workloads.stop(id);
    expect((await running.finished).status).toBe(143);
    expect(Date.now() - asked).toBeLessThan(1000);
    expect(await house.client.workloads.get(id)).toMatchObject({ state: 'stopped', exitStatus: 143 });
  });

  it('R-105 what does not end by itself is ended after the grace', async () => {
    const running = house.start([...bot, '--stop-grace', '0.3', '--', 'sh', '-c', ...loop("trap '' TERM")]);
    await running.shows('up');
    await house.client.workloads.stop((await newest()).id);
    expect((await running.finished).status).toBe(137);
  });

  it('R-104 --on-rotate signal tells the command; its environment stays as it was', async () => {
    const script = loop(`trap 'echo "told $PLANTED"; exit 3' USR2`);
    const running = house.start([
      ...bot,
      '--on-rotate',
      'signal',
      '--rotate-signal',
      'SIGUSR2',
      '--',
      'sh',
      '-c',
      ...script,
    ]);
    await running.shows('up');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await house.client.secrets.set('bot', 'PLANTED', 'sk-live-a-second-value-for-it');
    expect(await running.finished).toMatchObject({ status: 3, stdout: `up ${mask}\ntold ${mask}\n` });
  });

  it('R-102 R-104 --on-rotate restart starts a new workload with the new value, masked as well', async () => {
    const running = house.start([
      ...bot,
      '--on-rotate',
      'restart',
      '--',
      'sh',
      '-c',
      ...loop('echo ${#PLANTED}'),
    ]);
    await running.shows('up');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const first = await newest();
    await house.client.secrets.set('bot', 'PLANTED', 'sk-live-a-third-value');
    await running.shows(`up ${mask}\n21\n`);
    const second = await newest();
    expect(second.id).not.toBe(first.id);
    expect(await house.client.workloads.get(first.id)).toMatchObject({ state: 'stopped', exitStatus: null });
    await house.client.workloads.stop(second.id);
    const { status, stderr } = await running.finished;
    expect(status).toBe(143);
    expect(stderr).toContain('coffer: started again\n');
  });

  it('R-106 `agent restart` starts it again with --restart, and only ends it without', async () => {
    const again = house.start([...bot, '--restart', '--', 'sh', '-c', ...loop('true')]);
    const once = house.start([...bot, '--', 'sh', '-c', ...loop('true')]);
    await Promise.all([again.shows('up'), once.shows('up')]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await house.client.agents.restart('bot');
    expect((await once.finished).status).toBe(143);
    await again.shows(`up ${mask}\nup ${mask}\n`);
    await house.client.workloads.stop((await newest()).id);
    expect((await again.finished).status).toBe(143);
  });
});

describe('coffer mask', () => {
  it('R-310 masks a stream, and is listed as detached', async () => {
    await house.client.secrets.set('bot', 'PLANTED', planted);
    const input = `a ${planted} b\n${Buffer.from(planted).toString('hex')}\nend`;
    const { status, stdout } = await house.run(['mask', '--agent', 'bot'], { input });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `a ${mask} b\n${mask}\nend` });
    expect(await newest()).toMatchObject({ output: 'filter', invocation: true });
  });

  it('needs the right to start the agent', async () => {
    const refused = await house.run(['mask', '--agent', 'nobody'], { input: 'text' });
    expect(refused).toMatchObject({ status: 5, stdout: '' });
  });
});
