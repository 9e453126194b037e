import type { Operation } from '../guard/operation.ts';
import type { Secret } from './port.ts';
import { storeValue } from './value.ts';

/** Plain to sealed: every version's text is sealed in place and its text is gone. */
export const sealVersions = async (operation: Operation, secret: Secret): Promise<void> => {
  for (const version of await operation.stores.secrets.listVersions(secret.id)) {
    if (version.text === null) continue;
    const { environment, number, text } = version;
    const stored = await storeValue(operation, secret, { environment, number, value: text });
    await operation.stores.secrets.replaceStored({ ...version, ...stored });
  }
};
