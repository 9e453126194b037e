import type { Head, HeadKeeper } from '../domain/audit/port.ts';
import type { LatestHeads } from '../domain/audit/latest-heads.ts';
import type { KnownHead } from '../domain/audit/verify.ts';
import type { Guard } from '../domain/guard/guard.ts';
import type { JobParts } from './parts.ts';

export interface HeadParts extends Pick<JobParts, 'guard' | 'log'> {
  readonly latestHeads: LatestHeads;
}

const hex = (mac: Uint8Array): string => Buffer.from(mac).toString('hex');

/** Whether the chain has this event, or is not so long yet. */
const passes = async (guard: Guard, chain: string, known: KnownHead | undefined): Promise<boolean> => {
  if (known === undefined || known.sequence === 0) return true;
  const [event] = await guard.database.read(async (stores) =>
    stores.audit.listChain(chain, known.sequence - 1, 1),
  );
  return event?.sequence !== known.sequence || hex(event.mac) === known.mac;
};

/**
 * Writes the heads of all chains to the file outside the database and into the log. A head that its chain
 * no longer passes through stays, or is kept where this process has brought the chain there since the last time, so
 * that verification goes on finding the break.
 */
export const saveHeads = async (
  { guard, latestHeads, log }: HeadParts,
  keeper: HeadKeeper,
): Promise<void> => {
  // Before the database is read, which can only have gone on from them.
  const ours = new Map(latestHeads.list().map((head) => [head.chain, head]));
  const heads = await guard.database.read(async (stores) => stores.audit.listHeads());
  const toKeep: Head[] = [];
  const broken = new Set<string>();
  for (const head of heads) {
    const { chain } = head;
    const own = ours.get(chain);
    ours.delete(chain);
    if (!(await passes(guard, chain, await keeper.find(chain)))) broken.add(chain);
    else if (own === undefined || (await reaches(guard, head, { sequence: own.sequence, mac: hex(own.mac) })))
      toKeep.push(head);
    else {
      broken.add(chain);
      toKeep.push(own);
    }
  }
  for (const lost of ours.values()) {
    broken.add(lost.chain);
    toKeep.push(lost);
  }
  const behind = await keeper.save(toKeep, guard.clock.now());
  for (const { chain, sequence, mac } of heads) log.info({ chain, sequence, mac: hex(mac) }, 'audit head');
  // Another server with the same file may have been faster, and its chain be further by now.
  const still = behind.length === 0 ? [] : await listBehind(guard, keeper, behind);
  for (const chain of new Set([...still, ...broken])) {
    log.error(
      { chain, file: keeper.path },
      'the audit chain in the database does not reach the head that was kept; run: coffer audit verify',
    );
  }
};

/** Which of these chains do not reach the head that is kept, as both are now. */
const listBehind = async (
  guard: Guard,
  keeper: HeadKeeper,
  chains: readonly string[],
): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const chain of chains) {
    const kept = await keeper.find(chain);
    const head = await guard.database.read(async (stores) => stores.audit.findHead(chain));
    if (kept === undefined) continue;
    if (head === undefined || !(await reaches(guard, head, kept))) found.push(chain);
  }
  return found;
};

const reaches = async (guard: Guard, { chain, sequence }: Head, known: KnownHead): Promise<boolean> =>
  sequence >= known.sequence && (await passes(guard, chain, known));

/** The heads are saved by one at a time; who asks while that goes on gets a saving of its own. */
export const createHeadKeeping = (parts: HeadParts, keeper: HeadKeeper): (() => Promise<void>) => {
  let last = Promise.resolve();
  return () => {
    last = last.catch(() => undefined).then(async () => saveHeads(parts, keeper));
    return last;
  };
};
