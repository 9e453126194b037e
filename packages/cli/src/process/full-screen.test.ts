import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installBox } from './planted/npx-package.ts';
import { mask, planted } from './planted/start.ts';
import { TmuxScreen } from './planted/tmux-screen.ts';

/** The programs this suite drives; CI installs them. */
const missing = ['tmux', 'vim', 'less', 'htop', 'python3'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
/** The shell's prompt, alone in its line. */
const prompt = /^%$/m;

if (missing.length > 0) console.log(`skipped: full-screen programs (not installed: ${missing.join(', ')})`);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)(
  'programs that take the whole terminal',
  () => {
    let screen: TmuxScreen;
    let folder: string;
    beforeEach(({ task }) => {
      folder = mkdtempSync(join(tmpdir(), 'coffer-test-'));
      screen = new TmuxScreen(task.id);
    });
    afterEach(() => {
      screen.close();
      rmSync(folder, { recursive: true });
    });

    it('vim: edits, uses the whole screen, is stopped and resumed, writes, and gives the terminal back', async () => {
      const file = join(folder, 'note.txt');
      screen.type('stty -a | md5sum', 'Enter');
      const before = /[0-9a-f]{32}/.exec(await screen.shows(/[0-9a-f]{32}/))?.[0];
      screen.type(`clear; run vim -u NONE ${file}`, 'Enter');
      await screen.shows('[New');
      expect(screen.look().match(/^~$/gm)?.length).toBe(28);
      screen.type('ihello', 'Escape');
      await screen.shows('hello');
      screen.type('C-z');
      expect(await screen.shows('Stopped')).not.toContain('hello');
      screen.type('echo back in the shell', 'Enter');
      await screen.shows(/^back in the shell/m);
      screen.type('fg', 'Enter');
      await screen.shows('hello');
      screen.type('a world', 'Escape', ':wq', 'Enter');
      await screen.shows(prompt);
      expect(readFileSync(file, 'utf8')).toBe('hello world\n');
      screen.type('clear; stty -a | md5sum', 'Enter');
      await screen.shows(before ?? 'settings');
    });

    it('vim: a value in the file is masked on the screen', async () => {
      const file = join(folder, 'keys.txt');
      writeFileSync(file, `key: ${planted}\nnext line\n`);
      screen.type(`run vim -u NONE ${file}`, 'Enter');
      expect(await screen.shows(mask)).not.toContain(planted.slice(3, -3));
      screen.type(':q', 'Enter');
    });

    it('less: pages, searches and quits', async () => {
      screen.type('seq 1000 | run less', 'Enter');
      await screen.shows(/^29$/m);
      screen.type('Space');
      await screen.shows(/^58$/m);
      screen.type('/777', 'Enter');
      await screen.shows(/^777$/m);
      screen.type('q');
      await screen.shows(prompt);
    });

    it('less on a file, in colours', async () => {
      const file = join(folder, 'page.txt');
      writeFileSync(file, '\x1b[31mred\x1b[0m plain\n');
      screen.type(`run less -R ${file}`, 'Enter');
      await screen.shows('red plain');
      expect(screen.look(true)).toMatch(/\x1b\[31mred/);
      screen.type('q');
      await screen.shows(prompt);
    });

    it('htop: draws, answers keys and quits', async () => {
      screen.type('run htop', 'Enter');
      await screen.shows('F10');
      screen.type('F1');
      await screen.shows('htop');
      screen.type('q', 'q');
      await screen.shows(prompt);
    });

    it('R-086 a full-screen program started by npx: colours, keys, size, the value masked, its status', async () => {
      installBox(folder);
      screen.type(`cd ${folder}; stty -g | md5sum`, 'Enter');
      const before = /[0-9a-f]{32}/.exec(await screen.shows(/[0-9a-f]{32}/))?.[0];
      screen.type('clear; run npx --offline box; echo "status $?"', 'Enter');
      expect(await screen.shows('100 by 30')).not.toContain(planted.slice(3, -3));
      expect(screen.look()).toContain(mask);
      expect(screen.look(true)).toMatch(/\x1b\[32m\x0f?100 by 30/);
      screen.type('Up');
      await screen.shows('key up');
      screen.type('C-c');
      await screen.shows('key C-c');
      screen.resize(70, 20);
      await screen.shows('70 by 20');
      screen.type('q');
      expect(await screen.shows('status 4')).not.toContain('70 by 20');
      screen.type('clear; stty -g | md5sum', 'Enter');
      await screen.shows(before ?? 'settings');
    });

    it('a Node REPL: line editing, history, colours, Ctrl-C, Ctrl-D', async () => {
      screen.type('run node', 'Enter');
      await screen.shows(/^>$/m);
      screen.type('[1+1, process.stdout.columns]', 'Enter');
      await screen.shows('[ 2, 100 ]');
      expect(screen.look(true)).toMatch(/\x1b\[33m2/);
      screen.type('Up', 'C-a', '[', 'C-e', ']', 'Enter');
      await screen.shows('[ [ 2, 100 ] ]');
      screen.type('process.env.PLANTED', 'Enter');
      expect(await screen.shows(mask)).not.toContain(planted.slice(3, -3));
      screen.type('while (true) {}', 'Enter');
      // A key that is there before the loop runs is a letter to the REPL, and does not end the loop.
      await screen.showsAfter(['C-c'], 'interrupted');
      screen.type('C-d');
      await screen.shows(prompt);
    });

    it('python3: prompt, input(), Ctrl-C, exit status', async () => {
      screen.type('run python3 -q; echo "status $?"', 'Enter');
      await screen.shows('>>>');
      screen.type('name = input("who? ")', 'Enter');
      await screen.shows('who? ');
      screen.type('ann', 'Enter', 'print(name * 2)', 'Enter');
      await screen.shows('annann');
      screen.type('import time; time.sleep(60)', 'Enter', 'C-c');
      await screen.shows('KeyboardInterrupt');
      screen.type('exit(3)', 'Enter');
      await screen.shows('status 3');
    });

    it('the size follows a running program', async () => {
      screen.type(`run vim -u NONE`, 'Enter');
      await screen.shows('VIM - Vi IMproved');
      screen.resize(70, 20);
      // Keys may reach vim before the news of the size: it is asked until it answers with the new one.
      await screen.showsAfter([':set columns? lines?', 'Enter'], /columns=70\s+lines=20/);
      screen.type('Enter');
      screen.type(':q', 'Enter');
    });
  },
);

describe.skipIf(missing.length > 0 && process.env['CI'] === undefined)('job control', () => {
  let screen: TmuxScreen;
  beforeEach(({ task }) => {
    screen = new TmuxScreen(task.id);
  });
  afterEach(() => screen.close());

  it('Ctrl-Z stops the command together with us, again and again; fg resumes both', async () => {
    screen.type(`run sh -c 'echo be""gun; read x; echo "over $x"'; echo "status $?"`, 'Enter');
    await screen.shows('begun');
    for (let round = 0; round < 3; round += 1) {
      // Pressed in the moment of `fg`, before the command has the keyboard again, it is lost: pressed again then.
      await screen.showsAfter(['C-z'], 'status 148');
      screen.type('clear; ps -o stat= -p $(pgrep -P $(jobs -p)) | tr -d "\\n"; echo " states"', 'Enter');
      // The monitor waits, and what it watches is stopped: both are found by ps.
      expect(await screen.shows(/ states$/m)).toMatch(/S.* states/);
      screen.type('clear; fg; echo "status $?"', 'Enter');
      await screen.shows('sh -c');
    }
    screen.type('key', 'Enter');
    await screen.shows('over key');
    await screen.shows('status 0');
  });

  it('bg lets it run on behind, fg brings it to the keyboard', async () => {
    screen.type(`run sh -c 'echo be""gun; sleep 1; echo fir""st; read x; echo "got $x"'`, 'Enter');
    await screen.shows('begun');
    screen.type('C-z');
    await screen.shows('Stopped');
    screen.type('bg', 'Enter');
    await screen.shows('first');
    screen.type('clear; echo in the sh""ell', 'Enter');
    await screen.shows(/^in the shell/m);
    screen.type('fg', 'Enter');
    await screen.shows('sh -c');
    await pause(600);
    screen.type('key', 'Enter');
    await screen.shows('got key');
  });

  it('started with & it runs behind, without stopping for the terminal', async () => {
    screen.type(`run sh -c 'sleep 0.5; echo from be""hind' &`, 'Enter');
    expect(await screen.shows('from behind')).not.toContain('Stopped');
    screen.type('wait; echo "all ov""er"', 'Enter');
    await screen.shows('all over');
  });

  it('on a pipe, Ctrl-Z and fg work as ever', async () => {
    screen.type(`run sh -c 'echo be""gun; sleep 1; echo thr""ough' | cat`, 'Enter');
    await screen.shows('begun');
    screen.type('C-z');
    await screen.shows('Stopped');
    screen.type('fg', 'Enter');
    await screen.shows('through');
  });
});
