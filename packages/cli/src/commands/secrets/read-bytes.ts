import { open, stat } from 'node:fs/promises';
import { CofferError } from '@coffer/contract/errors';
import { usageError } from '../../terminal/usage.ts';

interface FileOption {
  /** The option that named the file, for messages. */
  readonly option: string;
  /** A larger file is a mistake and not read. */
  readonly maxBytes: number;
}

/** The bytes of a file, or of stdin for `-`. Throws `usage_error` or `value_too_large`. */
export const readBytes = (path: string, from: FileOption): Promise<Buffer> =>
  path === '-' ? readStdin(from) : readFile(path, from);

async function readStdin({ maxBytes }: FileOption): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

async function readFile(path: string, { option, maxBytes }: FileOption): Promise<Buffer> {
  try {
    if ((await stat(path)).size > maxBytes) throw tooLarge();
    const file = await open(path, 'r');
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (failure) {
    if (failure instanceof CofferError) throw failure;
    const { code = 'unknown error' } = failure as NodeJS.ErrnoException;
    throw usageError(
      `${path}, the file of --${option}, cannot be read (${code}).`,
      'Name a file that exists and that you may read, or - for stdin.',
    );
  }
}

const tooLarge = (): CofferError =>
  new CofferError('value_too_large', { detail: 'The file is larger than any value may be.' });
