import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CofferError, type CommandAction, type CommandTerminal } from '@coffer/contract';
import { operatorOf } from '../domain/guard/operator.ts';
import { openHouse, type OpenHouse } from '../house.ts';
import { configOf } from './options.ts';
import { sayProgress } from './say-progress.ts';

const usage = (detail: string, hint: string): CofferError => new CofferError('usage_error', { detail, hint });

/** On disk for good, under its name: a backup that ends early leaves nothing that looks like one. */
const moveIntoPlace = async (from: string, to: string): Promise<void> => {
  for (const path of [from, dirname(to)]) {
    const file = await open(path, 'r');
    await file.sync().finally(async () => file.close());
    if (path === from) await rename(from, to);
  }
};

const writeCopy = async (
  { database }: OpenHouse,
  terminal: CommandTerminal,
  { path, portable }: { path: string; portable: boolean },
): Promise<'database' | 'snapshot'> => {
  if (database.copyTo !== undefined && !portable) {
    await database.copyTo(path, sayProgress(terminal, 'Copied'));
    return 'database';
  }
  let said = 0;
  const rows = await database.exportTo(path, (done) => {
    if (done - said < 100_000) return;
    said = done;
    terminal.say(`Copied ${done} rows.`);
  });
  terminal.say(`Copied ${rows} rows, all of them.`);
  return 'snapshot';
};

/** a consistent copy while servers run. It holds sealed values as ciphertext, and never the root key. */
export const backup: CommandAction = async (input, terminal) => {
  const [given] = input.positionals;
  if (given === undefined) throw usage('Name the file to write.', 'coffer server backup FILE');
  const path = resolve(given);
  if (existsSync(path)) throw usage(`${path} exists already.`, 'Give a name that is not taken.');
  if (!existsSync(dirname(path))) throw usage(`There is no folder ${dirname(path)}.`, 'Make it first.');
  const config = configOf(input, terminal.environment);
  const house = await openHouse(config, { now: () => Date.now() }, { existing: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    const portable = input.has('portable');
    // First, so that the copy holds the event of its own making.
    for (const { id } of await house.database.read(async (stores) => stores.organizations.list())) {
      await house.guard.write(operatorOf(house.guard, id), 'backup.create', async (operation) => {
        operation.allowOwn();
        operation.record({ details: { portable } });
        return Promise.resolve();
      });
    }
    const format = await writeCopy(house, terminal, { path: unfinished, portable });
    await moveIntoPlace(unfinished, path);
    const { size: bytes } = await stat(path);
    if (terminal.json) terminal.printJson({ file: path, format, bytes });
    terminal.say(
      `Done: ${path} (${bytes} bytes). It opens only with the root key, which is not in it: keep ${house.rootKeys.place} too, elsewhere.`,
    );
    return 0;
  } finally {
    await rm(unfinished, { force: true });
    await house.close();
  }
};
