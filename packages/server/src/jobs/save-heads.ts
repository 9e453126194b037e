import type { HeadKeeper } from '../domain/audit/port.ts';
import type { JobParts } from './parts.ts';

/** Writes the heads of all chains to the file outside the database and into the log. */
export const saveHeads = async ({ guard, log }: JobParts, keeper: HeadKeeper): Promise<void> => {
  const heads = await guard.database.read(async (stores) => stores.audit.listHeads());
  const behind = await keeper.save(heads, guard.clock.now());
  for (const { chain, sequence, mac } of heads) {
    log.info({ chain, sequence, mac: Buffer.from(mac).toString('hex') }, 'audit head');
  }
  for (const chain of behind) {
    log.error(
      { chain, file: keeper.path },
      'the audit chain in the database ends before the head that was kept; run: coffer audit verify',
    );
  }
};
