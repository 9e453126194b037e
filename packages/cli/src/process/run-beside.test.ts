import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { forwardedSignals } from './forwarded-signals.ts';
import { mask, planted, runPlanted, runScript, startPlanted } from './planted/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'coffer-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('R-086 what a command on pipes prints is masked', () => {
  it.each<[string, string[]]>([
    ['echo', ['sh', '-c', 'echo "key=$PLANTED."; echo "$PLANTED" >&2']],
    [
      'piece by piece, with pauses',
      [
        'python3',
        '-uc',
        'import os,sys,time\nfor c in os.environ["PLANTED"]: sys.stdout.write(c); time.sleep(.005)',
      ],
    ],
    [
      'in colours',
      [
        'node',
        '-e',
        'console.log("\\x1b[31m" + process.env.PLANTED.split("").join("\\x1b[1m") + "\\x1b[0m")',
      ],
    ],
    ['as base64', ['sh', '-c', 'printf "user:%s:rest" "$PLANTED" | base64 -w0']],
    ['as hex', ['node', '-e', 'console.log(Buffer.from(process.env.PLANTED).toString("hex"))']],
    ['in JSON', ['node', '-p', 'JSON.stringify(process.env)']],
    ['the whole environment', ['env']],
    [
      'many times in a row',
      ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do printf %s "$PLANTED$PLANTED"; done'],
    ],
  ])('%s', async (_, command) => {
    const { stdout, stderr, status } = await runPlanted(command);
    const shown = stdout.toString('latin1') + stderr;
    expect(shown).toContain('masked:PLANTED');
    expect(shown).not.toContain(planted);
    expect(shown).not.toContain(planted.slice(3, -3));
    expect(shown).not.toContain(Buffer.from(`user:${planted}:rest`).toString('base64').slice(12, -12));
    expect(status).toBe(0);
  });

  it('keeps order where stdout and stderr lead to the same place', async () => {
    const { stdout } = await runScript(
      `$RUN sh -c 'for i in 1 2 3 4 5 6; do echo out $i; echo err $i >&2; done' 2>&1`,
    );
    expect(stdout.toString()).toBe([1, 2, 3, 4, 5, 6].map((i) => `out ${i}\nerr ${i}\n`).join(''));
  });
});

describe('everything else goes through as it is', () => {
  it('ten megabytes of binary output, and of input', async () => {
    const bytes = randomBytes(10 * 1024 * 1024);
    const path = fileOf('bytes', bytes);
    expect((await runPlanted(['cat', path])).stdout.equals(bytes)).toBe(true);
    expect((await runPlanted(['cat'], bytes)).stdout.equals(bytes)).toBe(true);
  });

  it('stdin is the command’s own: what it does not read is left for the next', async () => {
    const path = fileOf('lines', 'one\ntwo\nthree\n');
    const { stdout } = await runScript(`{ $RUN sh -c 'read line; echo "got $line"'; cat; } < ${path}`);
    expect(stdout.toString()).toBe('got one\ntwo\nthree\n');
  });

  it('standard streams can be opened by name', async () => {
    const { stdout, stderr } = await runPlanted([
      'sh',
      '-c',
      'echo $PLANTED | tee /dev/stderr > /dev/stdout',
    ]);
    expect([stdout.toString(), stderr]).toEqual([`${mask}\n`, `${mask}\n`]);
  });

  it('file descriptors of the caller, such as process substitution, reach the command', async () => {
    const { stdout } = await runScript('$RUN cat <(echo one) <(echo two)');
    expect(stdout.toString()).toBe('one\ntwo\n');
  });
});

describe('R-112 R-203 the end of a command', () => {
  it.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
    ['kill -SEGV $$', 139],
  ])('`%s` gives %i', async (script, status) => {
    expect((await runPlanted(['sh', '-c', script])).status).toBe(status);
  });

  it('a reader that has enough ends the command, as it would without us', async () => {
    const { stdout } = await runScript('$RUN yes | head -1; echo ${PIPESTATUS[0]}');
    expect(stdout.toString()).toBe('y\n141\n');
  });

  it('a reader that is slow holds the command back', async () => {
    const script =
      'import os,sys\nn=0\nwhile True:\n  os.write(1,b"x"*65536); n+=65536; os.write(2,b"%d\\n"%n)';
    const child = startPlanted(['python3', '-c', script]);
    let written = '';
    child.stderr?.on('data', (chunk: Buffer) => (written += chunk.toString()));
    const count = (): number => Number(written.trim().split('\n').at(-1));
    let before = 0;
    for (let tries = 0; before === 0 || before !== count(); tries += 1) {
      expect(tries, 'the command is never held back').toBeLessThan(40);
      before = count();
      await pause(500);
    }
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(2 * 1024 * 1024);
    child.stdout?.destroy();
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('does not wait for a descendant that keeps the pipe open', async () => {
    const begun = Date.now();
    const { stdout, status } = await runScript(
      `$RUN sh -c 'sleep 30 & seq 1 20000; exit 4'; echo "status $?"`,
    );
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(stdout.toString().endsWith('20000\nstatus 4\n')).toBe(true);
    expect(status).toBe(0);
  });

  it('a talkative descendant holds up the end for a short time only', async () => {
    const begun = Date.now();
    await runPlanted(['sh', '-c', '(while echo talk; do sleep 0.01; done) & exit 0']);
    expect(Date.now() - begun).toBeLessThan(5000);
  });
});

describe('R-086 what a descendant still prints when we leave', () => {
  it.each([
    ['in a pause of its own', 'printf "%.20s" "$PLANTED"; sleep 3'],
    ['in the middle of much', 'while cat big; do :; done'],
  ])('does not end in a part of a value that was cut %s', async (_, script) => {
    const big = `for i in $(seq 20000); do echo "$PLANTED"; done > big`;
    const { stdout } = await runScript(
      `cd ${folder} && $RUN sh -c '${big}; (echo begun; ${script}) & sleep 0.3'`,
    );
    expect(stdout.toString()).toMatch(/^begun\n/);
    const lastLine = stdout.toString().split('\n').at(-1) ?? '';
    expect(planted.startsWith(lastLine) ? lastLine.slice(2) : '').toBe('');
  });
});

const canUnshare = spawnSync('sh', ['-c', 'unshare -p -f --mount-proc true']).status === 0;
if (!canUnshare) console.log('skipped: coffer run as process 1 (unshare is not allowed here)');

describe.skipIf(!canUnshare)('R-112 as process 1 of a container', () => {
  it('passes signals on and ends with its command', async () => {
    const script = `test $PPID = 1 && trap "exit 9" TERM; (sleep 100 &); kill -TERM 1; while :; do sleep 0.05; done`;
    const { stdout } = await runScript(`unshare -p -f --mount-proc $RUN sh -c '${script}'; echo "status $?"`);
    expect(stdout.toString()).toBe('status 9\n');
  });
});

describe('R-112 signals', () => {
  const reporter = (name: string) => [
    'node',
    '-e',
    `process.on('${name}', () => { console.log('${name}'); setTimeout(() => process.exit(9), 100); });
     console.log('ready'); setInterval(() => {}, 1000);`,
  ];

  it.each(forwardedSignals)('%s reaches the command, once', async (name) => {
    const child = startPlanted(reporter(name));
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      if (output === '') child.kill(name);
      output += chunk.toString();
    });
    const [status] = (await once(child, 'close')) as [number];
    expect(output).toBe(`ready\n${name}\n`);
    expect(status).toBe(9);
  });

  it('a command that ignores a signal runs on, and so do we', async () => {
    const child = startPlanted(['sh', '-c', "trap '' INT; echo ready; sleep 0.5; exit 6"]);
    child.stdout?.once('data', () => child.kill('SIGINT'));
    expect(await once(child, 'close')).toEqual([6, null]);
  });
});
