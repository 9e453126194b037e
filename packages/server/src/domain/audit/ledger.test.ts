import { startServer, type TestServer } from '@coffer/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../guard/caller.ts';
import { operatorOf } from '../guard/operator.ts';
import { signInEvent } from '../sessions/events.ts';
import type { Ledger } from './ledger.ts';
import type { AuditEvent, Head } from './port.ts';
import { verifyChainOf } from './verify.ts';

let server: TestServer;
let chain: string;
beforeAll(async () => {
  server = await startServer({ login: false });
  const [organization] = await server.server.house.database.read(async (stores) =>
    stores.organizations.list(),
  );
  chain = organization?.id ?? '';
});
afterAll(() => server.close());

const event = (action: string, of = chain): Omit<AuditEvent, 'sequence' | 'mac'> =>
  signInEvent({
    now: 1_760_000_000_000,
    origin: { address: null, requestId: null },
    chain: of,
    outcome: 'done',
    person: undefined,
    action,
  });
/** A job of the real commit queue, on the chain of the organization. */
const commit = <Result>(job: (ledger: Ledger) => Result | Promise<Result>): Promise<Result> =>
  server.server.house.database.commit(async (_stores, ledger) => {
    await ledger.open(chain);
    return job(ledger);
  });
const headOf = async (): Promise<Head> => {
  const head = await server.server.house.database.read(async (stores) => stores.audit.findHead(chain));
  if (head === undefined) throw new Error('The chain has no head');
  return head;
};
const actionsSince = async (sequence: number): Promise<readonly string[]> => {
  const events = await server.server.house.database.read(async (stores) =>
    stores.audit.listChain(chain, sequence, 1000),
  );
  return events.map(({ action }) => action);
};
const verify = () =>
  server.server.house.database.read(async (stores) =>
    verifyChainOf({ stores, keyring: server.server.house.guard.keyring }, chain),
  );

describe('what a batch adds to the trail', () => {
  it('R-307 events are numbered on from the head, each under the mac of the one before', async () => {
    const before = await headOf();
    await commit((ledger) => {
      for (const action of ['one', 'two', 'three']) ledger.append(event(action));
    });
    const after = await headOf();
    expect(after.sequence).toBe(before.sequence + 3);
    expect(await actionsSince(before.sequence)).toEqual(['one', 'two', 'three']);
    expect(await verify()).toMatchObject({ ok: true, events: after.sequence });
  });

  it('R-307 jobs that arrive together make one chain without a gap', async () => {
    const before = await headOf();
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => commit((ledger) => ledger.append(event(`together-${at}`)))),
    );
    const actions = await actionsSince(before.sequence);
    expect(new Set(actions)).toEqual(new Set(Array.from({ length: 40 }, (_, at) => `together-${at}`)));
    expect(await verify()).toMatchObject({ ok: true });
  });

  it('what a failed job appended is gone, and the next event takes its number', async () => {
    const before = await headOf();
    const jobs = [
      commit((ledger) => ledger.append(event('kept'))),
      commit((ledger) => {
        ledger.append(event('lost'));
        ledger.bumpAccess(chain);
        throw new Error('this job fails');
      }),
      commit((ledger) => ledger.append(event('also kept'))),
    ];
    const settled = await Promise.allSettled(jobs);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await actionsSince(before.sequence)).toEqual(['kept', 'also kept']);
    expect(await headOf()).toMatchObject({ changes: before.changes, accessChanges: before.accessChanges });
    expect(await verify()).toMatchObject({ ok: true });
  });

  it('a counter of access moves the counter of changes too, and not the other way round', async () => {
    const before = await headOf();
    await commit((ledger) => ledger.bumpChanges(chain));
    expect(await headOf()).toMatchObject({
      sequence: before.sequence,
      changes: before.changes + 1,
      accessChanges: before.accessChanges,
    });
    await commit((ledger) => ledger.bumpAccess(chain));
    expect(await headOf()).toMatchObject({
      changes: before.changes + 2,
      accessChanges: before.accessChanges + 1,
    });
  });

  it('what decides access has no name to remember it by once this batch has changed it', async () => {
    await commit((ledger) => {
      expect(ledger.findAccessState(chain)).toMatch(new RegExp(`^${chain}/\\d+$`));
      ledger.bumpChanges(chain);
      expect(ledger.findAccessState(chain)).toBeDefined();
      const mark = ledger.mark();
      ledger.bumpAccess(chain);
      expect(ledger.findAccessState(chain)).toBeUndefined();
      ledger.rollbackTo(mark);
      expect(ledger.findAccessState(chain)).toBeDefined();
    });
  });

  it('acts for after the commit run once it is durable, and not where their job failed', async () => {
    const done: string[] = [];
    const failed = commit((ledger) => {
      ledger.afterCommit(() => done.push('failed'));
      throw new Error('this job fails');
    });
    const kept = commit((ledger) => {
      ledger.append(event('acts'));
      ledger.afterCommit(() => done.push('kept'));
      expect(done).toEqual([]);
    });
    await Promise.allSettled([failed, kept]);
    expect(done).toEqual(['kept']);
  });

  it('a chain that is not open takes no event and no change', async () => {
    await commit((ledger) => {
      expect(() => ledger.append(event('elsewhere', 'org_elsewhere'))).toThrow('not open');
      expect(() => ledger.bumpChanges('org_elsewhere')).toThrow('not open');
      expect(ledger.findHead('org_elsewhere')).toBeUndefined();
    });
  });

  it('going back to any mark leaves what was there, however events and changes alternate', async () => {
    const step = fc.constantFrom('append', 'bump', 'back');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const before = await headOf();
        let expected = { events: 0, changes: 0 };
        await commit((ledger) => {
          const marks = [{ at: ledger.mark(), ...expected }];
          for (const one of steps) {
            if (one === 'append') {
              ledger.append(event('property'));
              expected = { ...expected, events: expected.events + 1 };
            } else if (one === 'bump') {
              ledger.bumpChanges(chain);
              expected = { ...expected, changes: expected.changes + 1 };
            } else {
              const mark = marks[Math.floor(marks.length / 2)] ?? { at: 0, events: 0, changes: 0 };
              ledger.rollbackTo(mark.at);
              expected = { events: mark.events, changes: mark.changes };
              marks.splice(Math.floor(marks.length / 2) + 1);
            }
            marks.push({ at: ledger.mark(), ...expected });
          }
        });
        expect(await headOf()).toMatchObject({
          sequence: before.sequence + expected.events,
          changes: before.changes + expected.changes,
        });
      }),
      { numRuns: 40 },
    );
    expect(await verify()).toMatchObject({ ok: true });
  });
});

describe('an operation of the guard', () => {
  const write = (job: Parameters<Caller['guard']['write']>[2]) => {
    const { guard } = server.server.house;
    const operator = operatorOf(guard, chain as Parameters<typeof operatorOf>[1]);
    return guard.write(operator, 'test.act', job);
  };

  it('that neither decides nor records is undone (R-256)', async () => {
    const before = await headOf();
    await expect(write(() => Promise.resolve('answer'))).rejects.toMatchObject({ code: 'internal' });
    await expect(
      write((operation) => {
        operation.allowOwn();
        return Promise.resolve('answer');
      }),
    ).rejects.toMatchObject({ code: 'internal' });
    await expect(
      write((operation) => {
        operation.record({});
        return Promise.resolve('answer');
      }),
    ).rejects.toMatchObject({ code: 'internal' });
    expect(await headOf()).toEqual(before);
  });
});
