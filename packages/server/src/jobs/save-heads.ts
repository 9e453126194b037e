import type { Logger } from 'pino';
import type { AuditHeadFile } from '../audit-head-file.ts';
import type { OpenHouse } from '../house.ts';

/** Writes the heads of all chains to the file outside the database and into the log. */
export const saveHeads = async (house: OpenHouse, headFile: AuditHeadFile, log: Logger): Promise<void> => {
  const heads = await house.database.read(async (stores) => stores.audit.listHeads());
  const behind = await headFile.save(heads, house.guard.clock.now());
  for (const { chain, sequence, mac } of heads) {
    log.info({ chain, sequence, mac: Buffer.from(mac).toString('hex') }, 'audit head');
  }
  for (const chain of behind) {
    log.error(
      { chain, file: headFile.path },
      'the audit chain in the database ends before the head that was kept; run: coffer audit verify',
    );
  }
};
