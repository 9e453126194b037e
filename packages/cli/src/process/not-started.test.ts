import { chmodSync, closeSync, copyFileSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CofferHouse, openCofferHouse } from './planted/coffer.ts';

let house: CofferHouse;
beforeAll(async () => {
  house = await openCofferHouse();
});
afterAll(() => house.close());

const place = (name: string, content: string): string => {
  const file = join(house.folder, name);
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
};

/** Lines that say why; with `--exec` they are not Coffer's own. */
const countReasons = (stderr: string): number =>
  (
    stderr.match(
      /\((E2BIG|ETXTBSY)\)$|interpreter not found$|Text file busy$|No such file or directory$/gm,
    ) ?? []
  ).length;

describe.each([[[]], [['--no-mask']], [['--exec']]])(
  'R-203 with %j, a command that the system refuses to start',
  (how) => {
    const run = (...command: readonly string[]) =>
      house.run(['run', '--agent', 'bot', ...how, '--', ...command]);

    it('as its file is open for writing is told of once, and is 126', async () => {
      const file = join(house.folder, 'busy');
      copyFileSync('/bin/true', file);
      const open = openSync(file, 'a');
      const { status, stderr } = await run(file);
      closeSync(open);
      expect({ status, told: countReasons(stderr) }).toEqual({ status: 126, told: 1 });
    });

    it('as its words and values together are too long is 126', async () => {
      await house.client.secrets.set('bot', 'LONG', 'x'.repeat(32_000));
      const { status, stderr } = await run('true', ...Array.from({ length: 21 }, () => 'x'.repeat(98_500)));
      await house.client.secrets.delete('bot', 'LONG');
      expect({ status, told: countReasons(stderr) }).toEqual({ status: 126, told: 1 });
    });

    it('as its interpreter is missing is 127', async () => {
      const { status, stderr } = await run(place('bad=int', '#!/nonexistent\n'));
      expect({ status, told: countReasons(stderr) }).toEqual({ status: 127, told: 1 });
    });

    it('as it is damaged is no crash of Coffer', async () => {
      const { status } = await run(place('damaged=elf', '\x7fELF and nothing else'));
      // The shell, which gets what is no program, calls it one or the other.
      expect([126, 127]).toContain(status);
    });
  },
);

describe('R-306 the environment of a command that Coffer becomes', () => {
  it('is the one that it would have had, whatever the names in it and in the command', async () => {
    const environment = { 'a-b': '1', 'BASH_FUNC_x%%': '() { :; }', OPTIND: '7', IFS: ',', _: 'mine' };
    const file = place('print=env', '#!/usr/bin/env node\nconsole.log(JSON.stringify(process.env));\n');
    const found = (how: readonly string[]) =>
      house.run(['run', '--agent', 'bot', ...how, '--', file], { environment });
    const [beside, replaced] = [await found(['--no-mask']), await found(['--exec'])];
    expect(JSON.parse(replaced.stdout)).toEqual(JSON.parse(beside.stdout));
    expect(JSON.parse(replaced.stdout)).toMatchObject(environment);
  });

  it('may have a PATH that leads to nothing of the system', async () => {
    const file = place('alone', `#!${process.execPath}\nconsole.log('path', process.env.PATH);\n`);
    const { stdout, status } = await house.run(['run', '--agent', 'bot', '--exec', '--', file], {
      environment: { PATH: house.folder },
    });
    expect({ stdout, status }).toEqual({ stdout: `path ${house.folder}\n`, status: 0 });
  });
});
