import { existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CofferError, type CommandAction, type CommandTerminal } from '@coffer/contract';
import { operatorOf } from '../domain/guard/operator.ts';
import { openHouse, type OpenHouse } from '../house.ts';
import { flushToDisk } from '../files/durable.ts';
import { configOf } from './options.ts';
import { sayProgress } from './say-progress.ts';

const rowsBetweenWords = 100_000;

const usage = (detail: string, hint: string): CofferError => new CofferError('usage_error', { detail, hint });

const readTarget = (given: string | undefined): string => {
  if (given === undefined) throw usage('Name the file to write.', 'coffer server backup FILE');
  const path = resolve(given);
  if (existsSync(path)) throw usage(`${path} exists already.`, 'Give a name that is not taken.');
  if (!existsSync(dirname(path))) throw usage(`There is no folder ${dirname(path)}.`, 'Make it first.');
  return path;
};

/** First of all, so that the copy holds the event of its own making. */
const record = async ({ database, guard }: OpenHouse, portable: boolean): Promise<void> => {
  for (const { id } of await database.read(async (stores) => stores.organizations.list())) {
    await guard.write(operatorOf(guard, id), 'backup.create', (operation) => {
      operation.allowOwn();
      operation.record({ details: { portable } });
      return Promise.resolve();
    });
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
    if (done - said < rowsBetweenWords) return;
    said = done;
    terminal.say(`Copied ${done} rows.`);
  });
  terminal.say(`Copied ${rows} rows, all of them.`);
  return 'snapshot';
};

/**
 * a consistent copy while servers run. It holds sealed values as ciphertext, and never the root
 * key. It takes its name once it is whole and on disk.
 */
export const backup: CommandAction = async (input, terminal) => {
  const path = readTarget(input.positionals[0]);
  const portable = input.has('portable');
  const config = configOf(input, terminal.environment);
  const house = await openHouse(config, { now: () => Date.now() }, { existing: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    await record(house, portable);
    const format = await writeCopy(house, terminal, { path: unfinished, portable });
    await flushToDisk(unfinished);
    await rename(unfinished, path);
    await flushToDisk(dirname(path));
    const { size: bytes } = await stat(path);
    if (terminal.json) terminal.printJson({ file: path, format, bytes });
    terminal.say(`Done: ${path} (${bytes} bytes).`);
    terminal.say(
      `It opens only with the root key, which is not in it: keep ${house.rootKeys.place} too, elsewhere.`,
    );
    return 0;
  } finally {
    await rm(unfinished, { force: true });
    await house.close();
  }
};
