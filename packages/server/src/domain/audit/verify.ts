import type { AuditVerified } from '@coffer/contract';
import { chainEvent, equalInConstantTime, startChain } from '@coffer/crypto';
import type { Caller } from '../guard/caller.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Stores } from '../stores.ts';
import { canonicalEvent } from './event.ts';
import { instanceChain, type AuditEvent } from './port.ts';
import { digestResolution } from './resolution.ts';

const pageSize = 1000;

type Broken = NonNullable<AuditVerified['firstBroken']>;

/** A head that was kept outside the database: the chain must still reach it. */
export interface KnownHead {
  readonly sequence: number;
  readonly mac: string;
}

/**
 * Whether the event that belongs at this sequence stands further on under another number: only the key
 * makes a mac that fits here, so one that does was moved.
 */
const isElsewhere = async (
  stores: Stores,
  place: {
    chain: string;
    sequence: number;
    auditKey: Parameters<typeof chainEvent>[0];
    mac: Uint8Array;
  },
): Promise<boolean> => {
  const { chain, sequence, auditKey, mac } = place;
  for (let after = sequence - 1; ;) {
    const events = await stores.audit.listChain(chain, after, pageSize);
    for (const { mac: stored, ...fields } of events) {
      const here = chainEvent(auditKey, mac, canonicalEvent({ ...fields, sequence }));
      if (fields.sequence !== sequence && equalInConstantTime(here, stored)) return true;
    }
    const last = events.at(-1);
    if (last === undefined || events.length < pageSize) return false;
    after = last.sequence;
  }
};

const checkPage = async (
  stores: Stores,
  events: readonly AuditEvent[],
  from: {
    auditKey: Parameters<typeof chainEvent>[0];
    sequence: number;
    mac: Uint8Array;
    known: KnownHead | undefined;
  },
): Promise<{ mac: Uint8Array } | { broken: Broken }> => {
  const ids = [
    ...new Set(events.flatMap(({ resolutionId }) => (resolutionId === null ? [] : [resolutionId]))),
  ];
  const digests = new Map(
    (await stores.audit.listResolutions(ids)).map((one) => [one.id, digestResolution(one.secrets)]),
  );
  let { sequence, mac } = from;
  for (const event of events) {
    sequence += 1;
    const at = { sequence, eventId: event.id };
    const { mac: stored, ...fields } = event;
    const expected = chainEvent(from.auditKey, mac, canonicalEvent(fields));
    if (event.sequence !== sequence || !equalInConstantTime(expected, stored)) {
      const place = { chain: event.chain, sequence, auditKey: from.auditKey, mac };
      if (await isElsewhere(stores, place)) return { broken: { ...at, reason: 'reordered' } };
      return { broken: { ...at, reason: event.sequence === sequence ? 'changed' : 'removed' } };
    }
    if (event.resolutionId !== null && digests.get(event.resolutionId) !== event.resolutionDigest) {
      return { broken: { ...at, reason: 'secrets_changed' } };
    }
    if (from.known?.sequence === sequence && Buffer.from(expected).toString('hex') !== from.known.mac) {
      return { broken: { ...at, reason: 'changed' } };
    }
    mac = expected;
  }
  return { mac };
};

/**
 * Walks a chain from its start. Finds an event that was changed, removed, reordered, made without the
 * audit key, or cut off at the end: the head row and the head kept outside must both be reached.
 */
export const verifyChainOf = async (
  parts: { stores: Stores; keyring: Keyring },
  chain: string,
  options: { known?: KnownHead | undefined; onProgress?: (events: number, total: number) => void } = {},
): Promise<AuditVerified> => {
  const { stores, keyring } = parts;
  const auditKey = await keyring.auditKey(stores, chain);
  const head = await stores.audit.findHead(chain);
  const total = Math.max(head?.sequence ?? 0, options.known?.sequence ?? 0);
  let sequence = 0;
  let mac = startChain(auditKey, chain);
  const answer = (broken: Broken | null): AuditVerified => ({
    ok: broken === null,
    code: broken === null ? null : 'audit_chain_broken',
    events: sequence,
    head: { sequence, mac: Buffer.from(mac).toString('hex') },
    firstBroken: broken,
  });
  for (;;) {
    const upTo = Math.min(pageSize, (head?.sequence ?? 0) - sequence);
    const events = upTo > 0 ? await stores.audit.listChain(chain, sequence, upTo) : [];
    const checked = await checkPage(stores, events, { auditKey, sequence, mac, known: options.known });
    if ('broken' in checked) return answer(checked.broken);
    mac = checked.mac;
    sequence += events.length;
    options.onProgress?.(sequence, total);
    if (events.length < pageSize || sequence >= total) break;
  }
  if (sequence < total) return answer({ sequence: sequence + 1, eventId: null, reason: 'cut_off' });
  if (head === undefined || head.sequence !== sequence || !equalInConstantTime(head.mac, mac)) {
    return answer({ sequence, eventId: null, reason: 'changed' });
  }
  return answer(null);
};

/** Every chain there is, with words for people: the instance's own, and one of each organization. */
export const listChains = async (stores: Stores): Promise<readonly { chain: string; name: string }[]> => [
  { chain: instanceChain, name: 'the instance' },
  ...(await stores.organizations.list()).map(({ id, slug }) => ({ chain: id, name: `organization ${slug}` })),
];

/** `findKnownHead` looks up the head kept outside the database, where there is one. The check itself is audited. */
export const verifyAudit = async (
  caller: Caller,
  findKnownHead: (chain: string) => Promise<KnownHead | undefined>,
): Promise<AuditVerified> => {
  const { keyring } = caller.guard;
  const chain = await caller.guard.read(caller, async (reading) => {
    await reading.allow('audit.read');
    return reading.organizationId;
  });
  // Known before the chain is read, which goes on meanwhile.
  const known = await findKnownHead(chain);
  const verified = await caller.guard.read(caller, async (reading) => {
    await reading.allow('audit.read');
    return verifyChainOf({ stores: reading.stores, keyring }, chain, { known });
  });
  await caller.guard.write(caller, 'audit.verify', async (operation) => {
    await operation.allow('audit.read');
    operation.record({ details: { ok: verified.ok, events: verified.events } });
  });
  return verified;
};
