import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainEvent, startChain, verifyChain, type ChainedEvent } from './audit-chain.ts';
import { createKeyBytes } from './data-key.ts';
import type { SecretBytes } from './secret-bytes.ts';

const auditKey = createKeyBytes();
const start = startChain(auditKey, 'org_1');

const chain = (events: readonly string[], key: SecretBytes = auditKey): ChainedEvent[] => {
  let head = start;
  return events.map((event) => ({ event, mac: (head = chainEvent(key, head, event)) }));
};
const events = chain(['one', 'two', 'three', 'four', 'five']);
const verify = (chained: readonly ChainedEvent[]) => verifyChain(auditKey, start, chained);
const firstBad = (chained: readonly ChainedEvent[]): number | undefined => {
  const verdict = verify(chained);
  return verdict.ok ? undefined : verdict.reason.index;
};

describe('R-307 the audit chain', () => {
  it('verifies as it was written, and gives the head to compare with the one kept elsewhere', () => {
    expect(verify(events)).toEqual({ ok: true, value: { head: events[4]?.mac, count: 5 } });
    expect(verify([])).toEqual({ ok: true, value: { head: start, count: 0 } });
  });

  it('shows the first event that was changed', () => {
    for (const [at, event] of events.entries()) {
      expect(firstBad(events.with(at, { ...event, event: `${String(event.event)} ` }))).toBe(at);
    }
  });

  it('shows any bit turned in any MAC', () => {
    for (const [at, event] of events.entries()) {
      for (let bit = 0; bit < 256; bit += 1) {
        const mac = Uint8Array.from(event.mac);
        mac[bit >> 3] = (mac[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(firstBad(events.with(at, { ...event, mac }))).toBe(at);
      }
      expect(firstBad(events.with(at, { ...event, mac: new Uint8Array(0) }))).toBe(at);
    }
  });

  it('shows where an event was removed, reordered or put in', () => {
    const [one, two, three, four, five] = events as [
      ChainedEvent,
      ChainedEvent,
      ChainedEvent,
      ChainedEvent,
      ChainedEvent,
    ];
    expect(firstBad([two, three, four, five])).toBe(0);
    expect(firstBad([one, two, four, five])).toBe(2);
    expect(firstBad([one, three, two, four, five])).toBe(1);
    expect(firstBad([one, two, two, three, four, five])).toBe(2);
    const forged = { event: 'forged', mac: chainEvent(createKeyBytes(), two.mac, 'forged') };
    expect(firstBad([one, two, forged, three])).toBe(2);
  });

  it('a cut-off end verifies by itself but has another head', () => {
    const verdict = verify(events.slice(0, 3));
    expect(verdict).toEqual({ ok: true, value: { head: events[2]?.mac, count: 3 } });
    expect(events[2]?.mac).not.toEqual(events[4]?.mac);
  });

  it('verifies page by page as it does at once', () => {
    const first = verify(events.slice(0, 2));
    if (!first.ok) throw new Error('the first page does not verify');
    const rest = verifyChain(auditKey, first.value.head, events.slice(2));
    expect(rest).toEqual({ ok: true, value: { head: events[4]?.mac, count: 3 } });
  });

  it('does not verify as the chain of another organization or under another key', () => {
    const elsewhere = startChain(auditKey, 'org_2');
    expect(verifyChain(auditKey, elsewhere, events)).toEqual({ ok: false, reason: { index: 0 } });
    expect(firstBad(chain(['one'], createKeyBytes()))).toBe(0);
  });

  it('any events verify, and none with any one of them changed', () => {
    const anyEvents = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyEvents, fc.nat(), fc.string({ unit: 'binary' }), (texts, pick, replacement) => {
        const chained = chain(texts);
        const at = pick % texts.length;
        fc.pre(texts[at] !== replacement);
        expect(firstBad(chained)).toBeUndefined();
        const mac = chained[at]?.mac ?? start;
        expect(firstBad(chained.with(at, { event: replacement, mac }))).toBe(at);
      }),
    );
  });

  it('stored text that UTF-8 cannot carry does not verify, and is refused on the way in', () => {
    expect(() => chainEvent(auditKey, start, '\ud800')).toThrow(TypeError);
    expect(firstBad([{ event: '\ud800', mac: chainEvent(auditKey, start, '\ufffd') }])).toBe(0);
  });

  it('a previous MAC of another length is refused', () => {
    expect(() => chainEvent(auditKey, new Uint8Array(31), 'one')).toThrow(TypeError);
  });
});
