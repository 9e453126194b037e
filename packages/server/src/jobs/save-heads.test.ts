import { callerOf, startServer, type TestCaller, type TestServer } from '@coffer/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Head, HeadKeeper } from '../domain/audit/port.ts';
import { saveHeads } from './save-heads.ts';

/** Keeps in memory what the head file keeps, and says which chains are behind as it does. */
const createKeeper = () => {
  const kept = new Map<string, { sequence: number; mac: string }>();
  const keeper: HeadKeeper = {
    path: 'in memory',
    find: (chain) => Promise.resolve(kept.get(chain)),
    save: (heads: readonly Head[]) => {
      const behind = heads.filter(({ chain, sequence }) => (kept.get(chain)?.sequence ?? 0) > sequence);
      for (const { chain, sequence, mac } of heads)
        if ((kept.get(chain)?.sequence ?? 0) <= sequence)
          kept.set(chain, { sequence, mac: Buffer.from(mac).toString('hex') });
      return Promise.resolve(behind.map(({ chain }) => chain));
    },
  };
  return { kept, keeper };
};

let server: TestServer;
let owner: TestCaller;
let lines: { level: string; fields: Record<string, unknown> }[] = [];
beforeEach(async () => {
  lines = [];
  server = await startServer();
  owner = callerOf(server.url, server.ownerToken);
});
afterEach(() => server.close());

const save = async (keeper: HeadKeeper) => {
  const { guard, latestHeads } = server.server.house;
  const write = (level: string) => (fields: object) => lines.push({ level, fields: { ...fields } });
  await saveHeads({ guard, latestHeads, log: { info: write('info'), error: write('error') } }, keeper);
  return lines.splice(0);
};
const chainOf = async () => (await owner.whoami()).organization?.id ?? '';

describe('keeping the heads outside the database (R-307)', () => {
  it('R-307 every chain’s head is kept and logged, the instance’s own too, and follows what is added', async () => {
    const { kept, keeper } = createKeeper();
    const chain = await chainOf();
    const logged = await save(keeper);
    expect(new Set(kept.keys())).toEqual(new Set(['instance', chain]));
    expect(logged.map(({ level, fields }) => [level, fields['chain']])).toEqual(
      expect.arrayContaining([
        ['info', 'instance'],
        ['info', chain],
      ]),
    );
    const before = kept.get(chain)?.sequence ?? 0;
    await owner.agents.create({ slug: 'bot' });
    await save(keeper);
    expect(kept.get(chain)?.sequence).toBe(before + 1);
    const [head] = await server.server.house.database.read(async (stores) =>
      (await stores.audit.listHeads()).filter((one) => one.chain === chain),
    );
    expect(kept.get(chain)?.mac).toBe(Buffer.from(head?.mac ?? []).toString('hex'));
  });

  it('R-307 a chain that ends before its kept head is told as an error, and the kept head stays', async () => {
    const { kept, keeper } = createKeeper();
    const chain = await chainOf();
    const further = { sequence: 10_000, mac: 'ab'.repeat(32) };
    kept.set(chain, further);
    const errors = (await save(keeper)).filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([{ fields: { chain, file: 'in memory' } }]);
    expect(kept.get(chain)).toEqual(further);
  });

  it('R-307 a head that another server kept meanwhile, and that is there, is no error', async () => {
    const { kept, keeper } = createKeeper();
    const chain = await chainOf();
    // The other server writes, and keeps what it wrote, after this one has read the heads.
    const late: HeadKeeper = {
      ...keeper,
      save: async (heads, now) => {
        await owner.policy.set('preview', 'last4');
        const all = await server.server.house.database.read(async (stores) => stores.audit.listHeads());
        await keeper.save(all, now);
        return keeper.save(heads, now);
      },
    };
    const logged = await save(late);
    expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
    expect(kept.get(chain)?.sequence).toBeGreaterThan(0);
  });

  it('R-307 a chain that went another way than its kept head is told, however far it has grown', async () => {
    const { kept, keeper } = createKeeper();
    const chain = await chainOf();
    await save(keeper);
    const parted = { sequence: kept.get(chain)?.sequence ?? 0, mac: 'cd'.repeat(32) };
    kept.set(chain, parted);
    for (let count = 0; count < 5; count += 1) await owner.policy.set('preview', 'last4');
    for (let times = 0; times < 2; times += 1) {
      const errors = (await save(keeper)).filter(({ level }) => level === 'error');
      expect(errors).toMatchObject([{ fields: { chain } }]);
      expect(kept.get(chain)).toEqual(parted);
    }
  });
});
