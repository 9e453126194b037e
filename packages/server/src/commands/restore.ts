import { constants, existsSync, statSync } from 'node:fs';
import { access, chmod, copyFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CofferError, type CommandAction, type CommandTerminal } from '@coffer/contract';
import { AuditHeadFile } from '../audit-head-file.ts';
import type { ServerConfig } from '../config.ts';
import { makeDataFolder } from '../data-folder.ts';
import type { Head } from '../domain/audit/port.ts';
import { operatorOf } from '../domain/guard/operator.ts';
import { Keyring } from '../domain/keyring/keyring.ts';
import { openHouse } from '../house.ts';
import { openConfiguredRootKeys } from '../root-key.ts';
import { openDatabase } from '../storage/database.ts';
import { flushToDisk, leaveToOwnerOf } from '../files/durable.ts';
import {
  isSqliteFile,
  replaceSqliteFile,
  settleSqliteFile,
  copySqliteFile,
} from '../storage/engines/sqlite-file.ts';
import { checkBackup, type ChainStanding } from './check-backup.ts';
import { configOf } from './options.ts';

const clock = { now: () => Date.now() };
/** Now, as a part of a file's name. */
const stamp = (): string => new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');

const usage = (detail: string, hint: string): CofferError => new CofferError('usage_error', { detail, hint });

const inUse = (path: string): CofferError =>
  usage(`${path} is in use.`, 'Stop the server that has it open, then restore again.');

const refuseUnreadable = async (of: string): Promise<void> => {
  if (!existsSync(of) || !statSync(of).isFile())
    throw usage(`There is no file ${of}.`, 'Name a file that coffer server backup wrote.');
  await access(of, constants.R_OK).catch(() => {
    throw usage(`The file ${of} may not be read.`, 'Run this as the user whose file it is, or as root.');
  });
};

/** Refuses before any work is done: what is there stays, unless it is to be put aside. */
const refuseFilled = async (config: ServerConfig, force: boolean): Promise<void> => {
  const { database: target } = config;
  if ('sqlite' in target) {
    const { path } = target.sqlite;
    if (!existsSync(path)) return;
    if (!force) {
      throw usage(
        `${path} exists already, and nothing is overwritten.`,
        'To put it aside as *.before-restore and restore in its place: --force',
      );
    }
    if (settleSqliteFile(path) === 'in_use') throw inUse(path);
    return;
  }
  const opened = await openDatabase(target)(() => {
    throw new Error('Nothing is committed here');
  });
  const count = await opened
    .read(async (stores) => stores.organizations.count())
    .finally(() => opened.close());
  if (count > 0) {
    throw usage(
      'The PostgreSQL database is not empty, and nothing is overwritten.',
      'Restore into a new database (createdb coffer_restored), and point the server at that one.',
    );
  }
};

/** Puts the checked file where the server looks; what was there keeps a name of its own, which is returned. */
const replaceFile = async (staged: string, target: string): Promise<string | undefined> => {
  const wasThere = existsSync(target);
  const aside = `${target}.${stamp()}.before-restore`;
  if (wasThere && settleSqliteFile(target) === 'in_use') throw inUse(target);
  if (settleSqliteFile(staged) !== 'settled')
    throw new CofferError('storage_unavailable', {
      detail: `The checked copy ${staged} cannot be finished; nothing was restored.`,
      hint: 'Look for room on the disk of the data directory.',
    });
  await leaveToOwnerOf(staged, wasThere ? target : dirname(target));
  await flushToDisk(staged);
  return (await replaceSqliteFile(staged, target, aside)) ? aside : undefined;
};

const sayStanding = (terminal: CommandTerminal, { chain, sequence, kept, standing }: ChainStanding): void => {
  if (kept === undefined || standing === 'reaches') return;
  terminal.say(
    standing === 'older'
      ? `The backup is older than the audit head that was kept: chain ${chain} had reached event ${kept.sequence} on ${kept.at}, in the backup it ends with event ${sequence}. What happened between is not in it.`
      : `The backup is of another history than the audit head that was kept: chain ${chain} does not hold event ${kept.sequence} of ${kept.at} as it was.`,
  );
};

/**
 * The heads of the restored trails. Where no database was replaced here, the one that the kept heads are of may go on
 * elsewhere: its evidence is left alone, and the restored database gets a file of its own, which is returned.
 */
const keepHeads = async (
  heads: readonly Head[],
  { config, isReplaced }: { config: ServerConfig; isReplaced: boolean },
): Promise<string> => {
  const headFile = new AuditHeadFile(config.auditHeadFile);
  const known = await headFile.read();
  if (heads.every(({ chain }) => known[chain] === undefined)) {
    await headFile.save(heads, clock.now());
    return headFile.path;
  }
  const beside = `${headFile.path}.${stamp()}`;
  if (!isReplaced) {
    const own = new AuditHeadFile(`${beside}.restored`);
    await own.replace(heads, clock.now());
    return own.path;
  }
  await copyFile(headFile.path, `${beside}.before-restore`);
  await leaveToOwnerOf(`${beside}.before-restore`, headFile.path);
  await headFile.replace(heads, clock.now());
  return headFile.path;
};

/** The trail of the restored database says that it was restored, and from where on it is not what was kept. */
const record = async (
  config: ServerConfig,
  standings: readonly ChainStanding[],
): Promise<readonly Head[]> => {
  const house = await openHouse(config, clock, { existing: true });
  try {
    for (const { id } of await house.database.read(async (stores) => stores.organizations.list())) {
      const found = standings.find(({ chain }) => chain === id);
      await house.guard.write(operatorOf(house.guard, id), 'backup.restore', (operation) => {
        operation.allowOwn();
        operation.changed();
        const { sequence, mac, standing, kept } = found ?? {};
        operation.record({ details: { restored: { sequence, mac }, standing, kept: kept ?? null } });
        return Promise.resolve();
      });
    }
    return await house.database.read(async (stores) => stores.audit.listHeads());
  } finally {
    await house.close();
  }
};

/** checks a backup of either format first, on a copy, then puts it in the place of nothing. */
export const restore: CommandAction = async (input, terminal) => {
  const [given] = input.positionals;
  if (given === undefined) throw usage('Name the backup.', 'coffer server restore FILE');
  const of = resolve(given);
  await refuseUnreadable(of);
  const config = configOf(input, terminal.environment);
  await makeDataFolder(config);
  await refuseFilled(config, input.has('force'));
  const { rootKeys } = await openConfiguredRootKeys(config, false);
  const parts = {
    keyring: new Keyring(rootKeys, clock),
    headFile: new AuditHeadFile(config.auditHeadFile),
    terminal,
  };
  const { database: target } = config;
  const staged = join(config.dataDir, 'coffer.db.restoring');
  const snapshot = `${staged}.snapshot`;
  if (of.startsWith(staged))
    throw usage(`${of} is where a restore does its work.`, 'Move it elsewhere, and restore it from there.');
  const removeStaged = async (): Promise<void> => {
    for (const end of ['', '-wal', '-shm', '-journal', '.snapshot'])
      await rm(`${staged}${end}`, { force: true });
  };
  await removeStaged();
  try {
    const isCopy = isSqliteFile(of);
    if (isCopy) {
      await copySqliteFile(of, staged);
      await chmod(staged, 0o600);
    }
    terminal.say(`Checking ${of}.`);
    const standings = await checkBackup(
      { path: staged, of, ...(!isCopy && { fill: async (database) => database.importFrom(of) }) },
      parts,
      async (database) => {
        if (!('sqlite' in target)) await database.exportTo(snapshot);
      },
    );
    let aside: string | undefined;
    if ('sqlite' in target) aside = await replaceFile(staged, target.sqlite.path);
    else await importInto(target, snapshot, terminal);
    for (const standing of standings) sayStanding(terminal, standing);
    const heads = await record(config, standings);
    const auditHeadFile = await keepHeads(heads, { config, isReplaced: aside !== undefined });
    if (terminal.json) terminal.printJson({ keptAside: aside ?? null, auditHeadFile, chains: standings });
    if (aside !== undefined) terminal.say(`What was there is kept as ${aside}.`);
    if (auditHeadFile !== config.auditHeadFile)
      terminal.say(
        `The audit heads in ${config.auditHeadFile} are left as they are, as the database they are of may go on elsewhere. Those of the restored one are in ${auditHeadFile}: start it with --audit-head-file ${auditHeadFile}, or, where it takes the place of the other for good, move that file over the first.`,
      );
    terminal.say(
      'Done. Everything is as it was when the backup was made: keys revoked, members removed and values rotated since then are back as well. Check them before the server starts.',
    );
    return 0;
  } finally {
    await removeStaged();
  }
};

const importInto = async (
  target: Exclude<ServerConfig['database'], { sqlite: unknown }>,
  snapshot: string,
  terminal: CommandTerminal,
): Promise<void> => {
  const opened = await openDatabase(target)(() => {
    throw new Error('Nothing is committed here');
  });
  try {
    terminal.say(`Restored ${await opened.importFrom(snapshot)} rows.`);
  } finally {
    await opened.close();
  }
};
