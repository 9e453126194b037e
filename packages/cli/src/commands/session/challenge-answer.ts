import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LocalChallenge } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';

/** A server that names a larger file is not answered. */
const challengeMaxBytes = 512;

export interface ChallengeAnswer {
  readonly answer: string;
  /** Where the server that wrote the challenge listens. */
  readonly serverUrl: string;
}

/**
 * Reads the answer to a local login challenge. Whoever answers at the URL chooses the path, so only a
 * file that looks like a challenge is read and sent: by its name, no link, 0600, two short lines.
 */
export async function readChallengeAnswer(
  { challengeId, file }: Pick<LocalChallenge, 'challengeId' | 'file'>,
  dataDirectory: string | undefined,
): Promise<ChallengeAnswer> {
  const path = dataDirectory === undefined ? file : join(dataDirectory, 'login', challengeId);
  if (path === null) throw refused('the server tells its data directory only on its own host');
  if (!isChallengeName(path)) throw refused('the server named a file that is no login challenge');
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((failure: unknown) => {
    const { code = 'unknown error' } = failure as NodeJS.ErrnoException;
    throw refused(`the challenge in the server’s data directory cannot be read (${code})`);
  });
  try {
    const status = await handle.stat();
    if (!status.isFile() || (status.mode & 0o077) !== 0 || status.size > challengeMaxBytes) {
      throw refused('the file that the server named is no login challenge');
    }
    const [answer = '', serverUrl = '', ...rest] = (await handle.readFile('utf8')).split('\n');
    if (!/^[A-Za-z0-9_-]{43}$/.test(answer) || !URL.canParse(serverUrl) || rest.join('') !== '')
      throw refused('the file holds no answer to a challenge');
    return { answer, serverUrl };
  } finally {
    await handle.close();
  }
}

/** `<data directory>/login/<challenge id>` */
const isChallengeName = (file: string): boolean =>
  basename(dirname(file)) === 'login' && /^chl_[0-9a-f]{32}$/.test(basename(file));

const refused = (reason: string): CofferError =>
  new CofferError('not_authenticated', {
    detail: `Not logged in: ${reason}.`,
    hint: 'Run it on the server’s host, as the server’s user or root; --data-dir names the directory here.',
  });
