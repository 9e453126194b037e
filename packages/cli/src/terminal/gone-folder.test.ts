import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLineUser, createCommandLineUser } from './command-line.fixture.ts';

let user: CommandLineUser;
beforeAll(async () => {
  user = await createCommandLineUser({});
});
afterAll(() => user.close());

/** Runs the command in a folder that is deleted before it starts. */
const runInGoneFolder = (...words: readonly string[]) =>
  spawnSync('sh', ['-c', 'rmdir "$PWD" && exec "$@"', 'sh', process.execPath, user.bin, ...words], {
    cwd: mkdtempSync(join(user.folder, 'gone-')),
    env: user.environment,
    encoding: 'utf8',
  });

describe('R-267 in a folder that has been deleted', () => {
  it.each([
    ['run', 125, ['run', '--', 'true']],
    ['run, which an environment in coffer.json is for', 125, ['run', '--agent', 'bot', '--', 'true']],
    ['mask', 2, ['mask']],
    ['the server', 2, ['server', '--data-dir', 'data']],
    ['work on its host', 2, ['server', 'backup', 'coffer.db']],
  ])('%s says so, and what to do', (_, status, words) => {
    const ended = runInGoneFolder(...words);
    expect({ status: ended.status, stdout: ended.stdout, stderr: ended.stderr }).toEqual({
      status,
      stdout: '',
      stderr:
        'error: The folder that this was started in does not exist any more. (usage_error)\n' +
        'hint: Change to one that exists, and run it again.\n',
    });
  });

  it('what needs no folder goes on', () => {
    expect(runInGoneFolder('secrets', 'list').stderr).toContain('not_authenticated');
  });
});
