import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openOuterTerminal } from './planted/outer-terminal.ts';
import { mask, planted } from './planted/start.ts';

const show = async (script: string): Promise<{ output: string; status: number }> => {
  const terminal = openOuterTerminal(script);
  const status = await terminal.ended;
  return { output: terminal.output(), status };
};

describe('R-112 a command in a terminal', () => {
  it('has a terminal of the same size, type and settings, and its exit status is passed on', async () => {
    const looks = `tty -s && stty size && stty -g && echo $TERM`;
    const [bare, ours] = [await show(looks), await show(`$RUN sh -c '${looks}; exit 9'`)];
    expect(ours.output).toBe(bare.output);
    expect(ours.status).toBe(9);
    expect(ours.output).toContain('25 90');
  });

  it('has the same environment, whatever the names in it', async () => {
    const variables = `env -i PATH="$PATH" PLANTED="$PLANTED" a-b=1 'BASH_FUNC_x%%=() { echo called; }' PWD="$PWD" HOME=/x`;
    const list = `env | grep -v -e ^_= -e ^SHLVL= -e ^PLANTED= | sort`;
    const [bare, ours] = [await show(`${variables} ${list}`), await show(`${variables} $RUN ${list}`)];
    expect(ours.output).toContain('a-b=1');
    expect(ours.output).toBe(bare.output);
    const called = await show(`${variables} $RUN bash -c x`);
    expect(called.output).toBe('called\r\n');
  });

  it('sees a terminal on all three standard streams, and its own in /dev/tty', async () => {
    const { output } = await show(
      `$RUN sh -c 'test -t 0 && test -t 1 && test -t 2 && echo all; echo $PLANTED > /dev/tty'`,
    );
    expect(output).toBe(`all\r\n${mask}\r\n`);
  });

  it('R-086 what it prints is masked, in colours and pieces as well', async () => {
    const { output } = await show(
      `$RUN python3 -uc 'import os,sys,time\nfor c in os.environ["PLANTED"]: sys.stdout.write("\\x1b[32m"+c); time.sleep(.003)'; echo; $RUN sh -c 'echo $PLANTED >&2'`,
    );
    expect(output).toContain('masked:PLANTED');
    expect(output.replace(/\x1b\[[0-9;]*m/g, '')).not.toContain(planted.slice(3, -3));
  });

  it('what looks like the start of a value is shown to a person who waits', async () => {
    const terminal = openOuterTerminal(`$RUN sh -c 'printf "choose: sk"; read answer; echo "chose $answer"'`);
    await terminal.shows('choose: sk');
    terminal.type('yes\r');
    await terminal.shows('chose yes');
    expect(await terminal.ended).toBe(0);
  });

  it('a value that stops half way is not shown while a person waits', async () => {
    const half = planted.slice(0, 20);
    const terminal = openOuterTerminal(
      `$RUN sh -c 'printf "%.20s" "$PLANTED"; sleep 0.4; printf "%s" "$PLANTED" | tail -c +21; echo; echo done'`,
    );
    await terminal.shows('done');
    expect(terminal.output()).not.toContain(half.slice(0, 6));
    expect(await terminal.ended).toBe(0);
  });

  it('bytes come out as a terminal would have got them', async () => {
    const print = `printf 'a\\nb\\tc\\r\\033[5Cd\\n'; stty -opost; printf 'x\\ny\\n'`;
    const [bare, ours] = [await show(`sh -c "${print}"`), await show(`$RUN sh -c "${print}"`)];
    expect(ours.output).toBe(bare.output);
  });

  it('five megabytes come out whole', async () => {
    const { output } = await show('$RUN seq 1 700000');
    expect(output).toBe(Array.from({ length: 700_000 }, (_, i) => `${i + 1}\r\n`).join(''));
  });

  it('a hundred kilobytes typed at once reach a program that answers at once', async () => {
    const terminal = openOuterTerminal(
      `$RUN sh -c 'stty raw -echo; echo ready; head -c 100000 | tr a b | wc -c; echo over'`,
    );
    await terminal.shows('ready');
    terminal.type('a'.repeat(100_000));
    await terminal.shows('over');
    expect(terminal.output()).toContain('100000');
  });

  it('Ctrl-C is a key: it ends what is in front, or is read by it', async () => {
    const ended = openOuterTerminal(`$RUN sh -c 'echo ready; sleep 20'; echo "status $?"`);
    await ended.shows('ready');
    ended.type('\x03');
    await ended.shows('status 130');
    const read = openOuterTerminal(
      `$RUN sh -c 'stty raw; echo ready; head -c 1 | od -An -tx1'; echo "status $?"`,
    );
    await read.shows('ready');
    read.type('\x03');
    await read.shows(' 03');
    await read.shows('status 0');
  });

  it('follows the size', async () => {
    const terminal = openOuterTerminal(
      `$RUN bash -c 'trap "stty size" WINCH; echo ready; while :; do sleep 0.1; done'`,
    );
    await terminal.shows('ready');
    terminal.resize(111, 44);
    await terminal.shows('44 111');
    terminal.type('\x03');
    await terminal.ended;
  });

  it.each([
    ['its end', 'exit 0'],
    ['a signal', 'kill -KILL $$'],
    ['settings it left behind', 'stty raw -echo; exit 1'],
  ])('leaves our terminal as it was, after %s', async (_, script) => {
    const { output } = await show(`stty -g; $RUN sh -c '${script}'; stty -g`);
    const [before, after] = output.trim().split('\r\n');
    expect(after).toBe(before);
  });

  it('leaves our terminal as it was when coffer itself is told to end', async () => {
    const { output } = await show(
      `stty -g; $RUN sh -c 'kill -TERM $(ps -o ppid= -p $PPID); sleep 20'; echo $?; stty -g`,
    );
    const [before, status, after] = output.trim().split('\r\n');
    expect(status).toBe('143');
    expect(after).toBe(before);
  });

  it('a hang-up of our terminal is a hang-up of its', async () => {
    const path = join(tmpdir(), `coffer-hangup-${randomUUID()}`);
    const terminal = openOuterTerminal(
      `$RUN sh -c 'trap "echo hung up > ${path}; exit" HUP; echo ready; while :; do sleep 0.1; done'`,
    );
    await terminal.shows('ready');
    terminal.hangUp();
    await terminal.ended;
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('hung up\n'), 5000);
    rmSync(path);
  });
});

describe('R-112 a command with some of its streams in a terminal', () => {
  it('stderr elsewhere goes through a pipe of its own, masked', async () => {
    const { output } = await show(
      `$RUN sh -c 'test -t 2 || echo not a terminal >&2; echo $PLANTED >&2; test -t 1 && echo out' 2>/tmp/coffer-errors-$$; cat /tmp/coffer-errors-$$; rm /tmp/coffer-errors-$$`,
    );
    expect(output).toBe(`out\r\nnot a terminal\r\n${mask}\r\n`);
  });

  it('stdin elsewhere is the command’s own, and its output still is a terminal', async () => {
    const { output } = await show(
      `echo typed | $RUN sh -c 'test -t 1 && test -t 2 && stty size <&1; cat; echo $PLANTED'`,
    );
    expect(output).toBe(`25 90\r\ntyped\r\n${mask}\r\n`);
  });

  it('stdout elsewhere: stderr still is a terminal, and keys are the command’s own', async () => {
    const terminal = openOuterTerminal(
      `$RUN sh -c 'test -t 2 && echo ask >&2; read line; echo "$line $PLANTED"' | cat`,
    );
    await terminal.shows('ask');
    terminal.type('key\r');
    await terminal.ended;
    expect(terminal.output()).toContain(`key ${mask}\r\n`);
  });

  it('Ctrl-C reaches a command that shares our terminal exactly once', async () => {
    const script = `let n = 0; process.on("SIGINT", () => { n += 1; setTimeout(() => { console.log("times", n); process.exit(5); }, 300); }); console.log("ready"); setInterval(() => {}, 1000);`;
    const terminal = openOuterTerminal(
      `trap : INT; $RUN node -e '${script}' < /dev/null | (trap '' INT; cat)`,
    );
    await terminal.shows('ready');
    terminal.type('\x03');
    await terminal.ended;
    expect(terminal.output()).toContain('times 1');
  });
});
