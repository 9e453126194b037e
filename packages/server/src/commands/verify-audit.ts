import { errorTable, type AuditVerified, type CommandAction } from '@coffer/contract';
import { AuditHeadFile } from '../audit-head-file.ts';
import { listChains, verifyChainOf } from '../domain/audit/verify.ts';
import { openHouse } from '../house.ts';
import { configOf } from './options.ts';
import { sayProgress } from './say-progress.ts';

/** A chain whose head was kept, and that the database does not have at all. */
const lostAt = (sequence: number): AuditVerified => ({
  ok: false,
  code: 'audit_chain_broken',
  events: 0,
  head: { sequence: 0, mac: '' },
  firstBroken: { sequence, eventId: null, reason: 'cut_off' },
});

/** Checks the chains of all organizations and of the instance, also while the server runs. */
export const verifyAudit: CommandAction = async (input, terminal) => {
  const config = configOf(input, terminal.environment);
  const house = await openHouse(config, { now: () => Date.now() }, { existing: true });
  try {
    const { keyring } = house.guard;
    const kept = await new AuditHeadFile(config.auditHeadFile).read();
    const checked = [];
    for (const { chain, name } of await house.database.read(listChains)) {
      const known = kept[chain];
      const say = sayProgress(terminal, `Verified the audit chain of ${name}:`);
      const verified = await house.database.read(async (stores) =>
        verifyChainOf({ stores, keyring }, chain, {
          known,
          onProgress: (events, total) => say(total === 0 ? 1 : events / total),
        }),
      );
      checked.push({ chain, name, ...verified });
    }
    for (const [chain, { sequence }] of Object.entries(kept)) {
      if (checked.some((one) => one.chain === chain)) continue;
      checked.push({ chain, name: `organization ${chain}`, ...lostAt(sequence) });
    }
    if (terminal.json) terminal.printJson(checked);
    for (const { name, ok, head, firstBroken } of terminal.json ? [] : checked) {
      terminal.print(
        ok
          ? `The audit chain of ${name} is whole, up to event ${head.sequence}.`
          : `The audit chain of ${name} is broken at event ${firstBroken?.sequence ?? 0}: ${firstBroken?.reason.replaceAll('_', ' ') ?? 'changed'}.`,
      );
    }
    return checked.every(({ ok }) => ok) ? 0 : errorTable.audit_chain_broken.exitCode;
  } finally {
    await house.close();
  }
};
