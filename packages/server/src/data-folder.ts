import { CofferError } from '@coffer/contract';
import type { ServerConfig } from './config.ts';
import { makeFolder } from './files/durable.ts';

/** Makes the data directory where it is missing. Throws `usage_error`. */
export const makeDataFolder = async ({ dataDir }: Pick<ServerConfig, 'dataDir'>): Promise<void> => {
  try {
    await makeFolder(dataDir);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new CofferError(
      'usage_error',
      {
        detail: `The data directory ${dataDir} cannot be made (${code}).`,
        hint: 'Name a folder that the server’s user may make or write to: --data-dir DIR',
      },
      { cause: error },
    );
  }
};
