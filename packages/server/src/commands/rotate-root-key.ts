import { CofferError, type CommandAction } from '@coffer/contract';
import { Keyring } from '../domain/keyring/keyring.ts';
import { operatorOf } from '../domain/guard/operator.ts';
import { openHouse } from '../house.ts';
import {
  checkKeyFile,
  createKeyFile,
  keyFileExists,
  readKeyFile,
  replaceKeyFile,
} from '../keys/root-key-file.ts';
import { openRootKeys } from '../keys/root-key-source.ts';
import { configOf } from './options.ts';

const batch = 200;

/** Puts the new key in front in the root key file, so that running servers find it when they meet it. */
const publishNewKey = async (rootKeyFile: string, newKey: string): Promise<boolean> => {
  const known = await readKeyFile(rootKeyFile);
  try {
    await replaceKeyFile(rootKeyFile, [newKey, ...known.filter((key) => key.trim() !== newKey.trim())]);
    return true;
  } catch {
    return false;
  }
};

/** Re-wraps every key with the new root key, one batch a commit, so that it can be run again at any point. */
export const rotateRootKey: CommandAction = async (input, terminal) => {
  const config = configOf(input, terminal.environment);
  const newFile = input.text('new-root-key-file');
  if (newFile === undefined || config.rootKeyText !== undefined) {
    throw new CofferError('usage_error', {
      detail: 'A rotation needs the root key in a file, and --new-root-key-file for the new one.',
      hint: 'Example: coffer server rotate-root-key --new-root-key-file /etc/coffer/root-2.key',
    });
  }
  if (!(await keyFileExists(newFile))) {
    await createKeyFile(newFile);
    terminal.say(`Made a new root key in ${newFile}.`);
  }
  await checkKeyFile(newFile);
  const [newKey] = await readKeyFile(newFile);
  if (newKey === undefined) throw new CofferError('root_key_invalid', { detail: `${newFile} is empty.` });
  const isPublished = await publishNewKey(config.rootKeyFile, newKey);
  const clock = { now: () => Date.now() };
  const house = await openHouse(config, clock, { existing: true });
  try {
    const read = async () => [newKey, ...(await readKeyFile(config.rootKeyFile))];
    const rootKeys = await openRootKeys(read, newFile);
    const keyring = new Keyring(rootKeys, clock);
    const { id } = rootKeys.current();
    const total = await house.database.read(async (stores) => stores.wrappedKeys.countNotWrappedBy(id));
    let after: string | undefined;
    let done = 0;
    for (;;) {
      const rows = await house.database.read(async (stores) => stores.wrappedKeys.list(after, batch));
      await house.database.commit(async (stores) => {
        for (const row of rows) await keyring.rewrap(stores, row);
      });
      done += rows.filter((row) => row.rootKeyId !== id).length;
      terminal.say(`Wrapped ${done} of ${total} keys with root key ${id}.`);
      after = rows.at(-1)?.id;
      if (rows.length < batch) break;
    }
    for (const organization of await house.database.read(async (stores) => stores.organizations.list())) {
      await house.guard.write(
        operatorOf(house.guard, organization.id),
        'root_key.rotate',
        async (operation) => {
          operation.allowOwn();
          operation.record({ details: { rootKeyId: id } });
          return Promise.resolve();
        },
      );
    }
    if (terminal.json) terminal.printJson({ rootKeyId: id, rewrapped: done });
    terminal.say(
      isPublished
        ? `Done. ${config.rootKeyFile} holds the new key first, then the old one. The old one wraps nothing any more: take it out once every server has restarted, and back up the new one now.`
        : `Done. ${config.rootKeyFile} cannot be written: point --root-key-file of every server at ${newFile} now, and back it up.`,
    );
    return 0;
  } finally {
    await house.close();
  }
};
