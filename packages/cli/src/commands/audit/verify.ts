import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { errorTable } from '@coffer/contract/errors';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  const verified = await client.audit.verify();
  const { ok, events, head, firstBroken } = verified;
  if (terminal.json) terminal.printJson(verified);
  else if (ok) terminal.print(`The chain of ${events} events is whole, up to number ${head.sequence}.`);
  else {
    const id = firstBroken?.eventId;
    const which =
      firstBroken === null
        ? 'its head'
        : `event ${firstBroken.sequence}${id === undefined || id === null ? '' : ` (${id})`}`;
    terminal.print(
      `The chain is broken at ${which}: ${firstBroken?.reason.replaceAll('_', ' ') ?? 'unknown'}.`,
    );
  }
  return ok ? 0 : errorTable.audit_chain_broken.exitCode;
};

export const verifyAudit: RunnableCommand = {
  name: 'verify',
  summary: 'check the audit chain from its first event to its head; status 10 where it is broken',
  description:
    'Checks the organization’s chain. The instance’s own, and every organization’s, is checked on the server’s host:\n' +
    'coffer server verify-audit.',
  options: [organizationOption],
  examples: ['coffer audit verify'],
  load: () => Promise.resolve(act),
};
