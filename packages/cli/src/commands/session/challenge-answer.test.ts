import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readChallengeAnswer } from './challenge-answer.ts';

const answer = 'A'.repeat(43);
const serverUrl = 'http://127.0.0.1:7373';
const text = `${answer}\n${serverUrl}\n`;
const read = { answer, serverUrl };
const name = `chl_${'0'.repeat(32)}`;
let dataDir = '';
let file = '';

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'coffer-challenge-'));
  await mkdir(join(dataDir, 'login'));
  file = join(dataDir, 'login', name);
  await writeFile(file, text, { mode: 0o600 });
});
afterEach(() => rm(dataDir, { recursive: true }));

/** As the server answers: with a path on its own host, without one elsewhere. */
const challenge = (path: string | null, challengeId = name) => ({ challengeId, file: path });

describe('the answer to a local login challenge', () => {
  it('is read from the file that the server names', async () => {
    expect(await readChallengeAnswer(challenge(file), undefined)).toEqual(read);
  });

  it('is read below --data-dir where the directory has another path here', async () => {
    expect(await readChallengeAnswer(challenge(`/var/lib/coffer/login/${name}`), dataDir)).toEqual(read);
  });

  it('is read below --data-dir where the server does not tell its own', async () => {
    expect(await readChallengeAnswer(challenge(null), dataDir)).toEqual(read);
    await expect(readChallengeAnswer(challenge(null), undefined)).rejects.toMatchObject({
      code: 'not_authenticated',
      message: expect.stringContaining('only on its own host') as string,
    });
  });

  it('a challenge of another form leads to no file below --data-dir', async () => {
    await writeFile(join(dataDir, 'root.key'), text, { mode: 0o600 });
    for (const id of ['../root.key', '..', '', 'root.key'])
      await expect(readChallengeAnswer(challenge(null, id), dataDir)).rejects.toMatchObject({
        code: 'not_authenticated',
      });
  });

  it.each([
    ['a file of another name', () => join(dataDir, 'login', 'root.key')],
    ['a file in another folder', () => join(dataDir, name)],
    ['a file that does not exist', () => join(dataDir, 'login', `chl_${'1'.repeat(32)}`)],
  ])('%s is not read, whoever names it', async (_, path) => {
    await expect(readChallengeAnswer(challenge(path()), undefined)).rejects.toMatchObject({
      code: 'not_authenticated',
    });
  });

  it('a link in its place is not followed', async () => {
    await rm(file);
    await writeFile(join(dataDir, 'root.key'), text, { mode: 0o600 });
    await symlink(join(dataDir, 'root.key'), file);
    await expect(readChallengeAnswer(challenge(file), undefined)).rejects.toMatchObject({
      code: 'not_authenticated',
    });
  });

  it('a file that others can read, or that holds something else, is not sent', async () => {
    await chmod(file, 0o644);
    await expect(readChallengeAnswer(challenge(file), undefined)).rejects.toThrow('no login challenge');
    await chmod(file, 0o600);
    for (const other of ['two\nlines\n', `${answer}\n`, `${text}more\n`]) {
      await writeFile(file, other);
      await expect(readChallengeAnswer(challenge(file), undefined)).rejects.toThrow('no answer');
    }
  });
});
