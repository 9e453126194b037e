import { resolve } from 'node:path';
import { CofferError, type CommandAction, type CommandTerminal } from '@coffer/contract';
import type { ServerConfig } from '../config.ts';
import { operatorOf } from '../domain/guard/operator.ts';
import { Keyring, type RootKeys } from '../domain/keyring/keyring.ts';
import { openHouse, type OpenHouse } from '../house.ts';
import {
  checkKeyFile,
  createKeyFile,
  keyFileExists,
  readKeyFile,
  replaceKeyFile,
} from '../keys/root-key-file.ts';
import { openRootKeys } from '../keys/root-key-source.ts';
import { refuseInside } from '../root-key.ts';
import { configOf } from './options.ts';

const batch = 200;
const clock = { now: () => Date.now() };

interface NewRootKey {
  readonly text: string;
  readonly place: string;
}

const example = 'Example: coffer server rotate-root-key --new-root-key-file /etc/coffer/root-2.key';
const usage = (detail: string, hint: string): CofferError => new CofferError('usage_error', { detail, hint });

/** The key to wrap with: of the file that was named, or the first of several in COFFER_ROOT_KEY. */
const readNewKey = async (
  config: ServerConfig,
  given: string | undefined,
  terminal: CommandTerminal,
): Promise<NewRootKey> => {
  if (config.rootKeyText !== undefined) {
    const [text, old] = config.rootKeyText.split(/[\s,]+/).filter((one) => one !== '');
    if (given !== undefined || text === undefined || old === undefined) {
      throw usage(
        'With COFFER_ROOT_KEY a rotation takes both keys from there.',
        'Give every server COFFER_ROOT_KEY="<new key> <old key>" first, then run this with the same.',
      );
    }
    return { text, place: 'COFFER_ROOT_KEY' };
  }
  if (given === undefined) throw usage('A rotation needs a new root key.', example);
  const newFile = resolve(given);
  refuseInside(newFile, config);
  if (!(await keyFileExists(newFile))) {
    await createKeyFile(newFile);
    terminal.say(`Made a new root key in ${newFile}.`);
  }
  await checkKeyFile(newFile);
  const [text] = await readKeyFile(newFile);
  if (text === undefined) throw new CofferError('root_key_invalid', { detail: `${newFile} is empty.` });
  return { text: text.trim(), place: newFile };
};

/**
 * Puts the new key in front in the root key file, before anything is wrapped with it: running servers
 * find it there when they meet what it wraps.
 */
const publish = async ({ rootKeyText, rootKeyFile }: ServerConfig, newKey: NewRootKey): Promise<void> => {
  if (rootKeyText !== undefined) return;
  const known = (await readKeyFile(rootKeyFile)).map((key) => key.trim());
  if (known[0] === newKey.text) return;
  try {
    await replaceKeyFile(rootKeyFile, [newKey.text, ...known.filter((key) => key !== newKey.text)]);
  } catch (error) {
    throw new CofferError(
      'root_key_invalid',
      {
        detail: `The root key file ${rootKeyFile} cannot be written, so running servers would not find the new key. Nothing was wrapped.`,
        hint: `Put the new key into it as its first line, above the old one, and run this again.`,
      },
      { cause: error },
    );
  }
};

/** One batch a commit, until no key is left that another root key wraps: running servers may add some meanwhile. */
const rewrapAll = async (
  { database }: OpenHouse,
  rootKeys: RootKeys,
  terminal: CommandTerminal,
): Promise<number> => {
  const keyring = new Keyring(rootKeys, clock);
  const { id } = rootKeys.current();
  const countLeft = (): Promise<number> =>
    database.read(async (stores) => stores.wrappedKeys.countNotWrappedBy(id));
  let done = 0;
  for (let left = await countLeft(); left > 0; left = await countLeft()) {
    const total = done + left;
    let after: string | undefined;
    for (;;) {
      const rows = await database.read(async (stores) => stores.wrappedKeys.list(after, batch));
      await database.commit(async (stores) => {
        for (const row of rows) await keyring.rewrap(stores, row);
      });
      done += rows.filter((row) => row.rootKeyId !== id).length;
      terminal.say(`Wrapped ${done} of ${Math.max(done, total)} keys with root key ${id}.`);
      after = rows.at(-1)?.id;
      if (rows.length < batch) break;
    }
  }
  return done;
};

/** online, and safe to run again at any point. Both root keys work until the old one is taken out. */
export const rotateRootKey: CommandAction = async (input, terminal) => {
  const config = configOf(input, terminal.environment);
  const newKey = await readNewKey(config, input.text('new-root-key-file'), terminal);
  await openRootKeys(() => Promise.resolve([newKey.text]), newKey.place);
  const house = await openHouse(config, clock, { existing: true });
  try {
    await publish(config, newKey);
    const known = async (): Promise<readonly string[]> =>
      config.rootKeyText?.split(/[\s,]+/) ?? (await readKeyFile(config.rootKeyFile));
    const rootKeys = await openRootKeys(
      async () => [newKey.text, ...(await known()).filter((key) => key !== '')],
      newKey.place,
    );
    const rewrapped = await rewrapAll(house, rootKeys, terminal);
    const rootKeyId = rootKeys.current().id;
    for (const { id } of await house.database.read(async (stores) => stores.organizations.list())) {
      await house.guard.write(operatorOf(house.guard, id), 'root_key.rotate', (operation) => {
        operation.allowOwn();
        operation.record({ details: { rootKeyId } });
        return Promise.resolve();
      });
    }
    if (terminal.json) terminal.printJson({ rootKeyId, rewrapped });
    terminal.say(
      `Done. ${house.rootKeys.place} holds the new key first, then the old one. The old one wraps nothing any more: take it out once every server has restarted, and back up the new one now.`,
    );
    return 0;
  } finally {
    await house.close();
  }
};
