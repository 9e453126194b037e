import type { Head, HeadKeeper } from '../domain/audit/port.ts';
import type { Guard } from '../domain/guard/guard.ts';
import type { JobParts } from './parts.ts';

/** Whether the chain passes through the head that was kept, however far it has grown since. */
const passesKept = async (guard: Guard, keeper: HeadKeeper, { chain }: Head): Promise<boolean> => {
  const kept = await keeper.find(chain);
  if (kept === undefined || kept.sequence === 0) return true;
  const events = await guard.database.read(async (stores) =>
    stores.audit.listChain(chain, kept.sequence - 1, 1),
  );
  const [event] = events;
  return event?.sequence !== kept.sequence || Buffer.from(event.mac).toString('hex') === kept.mac;
};

/**
 * Writes the heads of all chains to the file outside the database and into the log. A kept head
 * that its chain no longer passes through stays, so that verification goes on finding the break.
 */
export const saveHeads = async ({ guard, log }: JobParts, keeper: HeadKeeper): Promise<void> => {
  const heads = await guard.database.read(async (stores) => stores.audit.listHeads());
  const passing: Head[] = [];
  const forked: string[] = [];
  for (const head of heads) {
    if (await passesKept(guard, keeper, head)) passing.push(head);
    else forked.push(head.chain);
  }
  const behind = await keeper.save(passing, guard.clock.now());
  for (const { chain, sequence, mac } of heads) {
    log.info({ chain, sequence, mac: Buffer.from(mac).toString('hex') }, 'audit head');
  }
  for (const chain of [...behind, ...forked]) {
    log.error(
      { chain, file: keeper.path },
      'the audit chain in the database does not reach the head that was kept; run: coffer audit verify',
    );
  }
};
