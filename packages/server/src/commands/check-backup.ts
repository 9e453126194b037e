import { CofferError, type CommandTerminal } from '@coffer/contract';
import type { AuditHeadFile, HeadRecord } from '../audit-head-file.ts';
import { Ledger } from '../domain/audit/ledger.ts';
import type { Head } from '../domain/audit/port.ts';
import { listChains, verifyChainOf } from '../domain/audit/verify.ts';
import type { Keyring } from '../domain/keyring/keyring.ts';
import type { Stores } from '../domain/stores.ts';
import { openDatabase, type StoredDatabase } from '../storage/database.ts';
import { isSqliteFileWhole } from '../storage/engines/sqlite-file.ts';
import { sayProgress } from './say-progress.ts';

const keysPerPage = 200;

/** How a chain of the backup stands to the head that was kept outside the database. */
export interface ChainStanding {
  readonly chain: string;
  readonly sequence: number;
  readonly mac: string;
  readonly kept: HeadRecord | undefined;
  /** `older`: the chain went on after the backup was made. `parted`: it is another history. */
  readonly standing: 'reaches' | 'older' | 'parted';
}

const damaged = (path: string, cause?: unknown): CofferError =>
  new CofferError(
    'file_invalid',
    {
      detail: `The backup ${path} is damaged or cut off; nothing was restored.`,
      hint: 'Take another copy of it, or an earlier backup.',
    },
    { cause },
  );

const openEveryKey = async (stores: Stores, keyring: Keyring): Promise<void> => {
  await keyring.proveRootKeys(stores);
  let after: string | undefined;
  for (;;) {
    const rows = await stores.wrappedKeys.list(after, keysPerPage);
    for (const { organizationId, purpose, generation } of rows) {
      if (purpose === 'data') await keyring.dataKey(stores, organizationId, generation);
      else if (purpose === 'audit') await keyring.auditKey(stores, organizationId);
      else await keyring.fingerprintKey(stores, organizationId);
    }
    after = rows.at(-1)?.id;
    if (rows.length < keysPerPage) return;
  }
};

const standingOf = async (
  stores: Stores,
  head: Pick<Head, 'chain' | 'sequence' | 'mac'>,
  kept: HeadRecord | undefined,
): Promise<ChainStanding> => {
  const { chain, sequence } = head;
  const mac = Buffer.from(head.mac).toString('hex');
  const answer = (standing: ChainStanding['standing']) => ({ chain, sequence, mac, kept, standing });
  if (kept === undefined || kept.sequence === 0) return answer('reaches');
  if (kept.sequence > sequence) return answer('older');
  const [event] = await stores.audit.listChain(chain, kept.sequence - 1, 1);
  const isSame = event !== undefined && Buffer.from(event.mac).toString('hex') === kept.mac;
  return answer(isSame ? 'reaches' : 'parted');
};

const verifyChains = async (
  { stores, keyring }: { stores: Stores; keyring: Keyring },
  headFile: AuditHeadFile,
  terminal: CommandTerminal,
): Promise<ChainStanding[]> => {
  const keptHeads = await headFile.read();
  const standings: ChainStanding[] = [];
  for (const { chain, name } of await listChains(stores)) {
    const say = sayProgress(terminal, `Verified the audit chain of ${name}:`);
    const verified = await verifyChainOf({ stores, keyring }, chain, {
      onProgress: (events, total) => say(total === 0 ? 1 : events / total),
    });
    if (!verified.ok) {
      throw new CofferError('audit_chain_broken', {
        detail: `The audit chain of ${name} in the backup does not verify: event ${verified.firstBroken?.sequence ?? 0} (${verified.firstBroken?.reason ?? 'changed'}). Nothing was restored.`,
        hint: 'Somebody changed the backup, or the database it was made from. Take an earlier one.',
      });
    }
    const { sequence, mac } = verified.head;
    standings.push(
      await standingOf(stores, { chain, sequence, mac: Buffer.from(mac, 'hex') }, keptHeads[chain]),
    );
  }
  for (const [chain, kept] of Object.entries(keptHeads)) {
    if (standings.some((one) => one.chain === chain)) continue;
    standings.push({ chain, sequence: 0, mac: '', kept, standing: 'older' });
  }
  return standings;
};

/**
 * Opens a copy of the backup as the database it will be and checks it: tables, every wrapped key under
 * this root key, every audit chain. `use` gets it open. Throws `database_too_new`, `file_invalid`,
 * `root_key_invalid`, `key_unreadable`, `audit_chain_broken`.
 */
export const checkBackup = async (
  copy: { path: string; of: string; fill?: (database: StoredDatabase<Ledger>) => Promise<unknown> },
  parts: { keyring: Keyring; headFile: AuditHeadFile; terminal: CommandTerminal },
  use: (database: StoredDatabase<Ledger>) => Promise<void>,
): Promise<ChainStanding[]> => {
  const { keyring, headFile, terminal } = parts;
  let database: StoredDatabase<Ledger> | undefined;
  try {
    database = await openDatabase({ sqlite: { path: copy.path } })((stores) => new Ledger(stores, keyring));
    await copy.fill?.(database);
    if (!isSqliteFileWhole(copy.path)) throw damaged(copy.of);
    const standings = await database.read(async (stores) => {
      if ((await stores.organizations.count()) === 0) throw damaged(copy.of);
      await openEveryKey(stores, keyring);
      return verifyChains({ stores, keyring }, headFile, terminal);
    });
    await use(database);
    return standings;
  } catch (error) {
    // The copy is ours alone, so what cannot be read is the backup's own fault.
    if (error instanceof CofferError && error.code === 'storage_unavailable') throw damaged(copy.of, error);
    throw error;
  } finally {
    await database?.close();
  }
};
