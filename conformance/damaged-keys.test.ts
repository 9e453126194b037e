import { callerOf, hasPostgres, refusalOf, runCoffer, startServer, stopPostgres } from '@coffer/testkit';
import { createLogger } from '@coffer/server';
import { afterAll, describe, expect, it } from 'vitest';

/*
 * Somebody changes a wrapped key in the database. Servers that start after that cannot open it: whatever needs
 * it is refused, says why, is in the operator's log, and nothing takes its place.
 */

const engines = hasPostgres() ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
afterAll(stopPostgres);

const planted = 'planted-value-under-a-damaged-key';

describe.each(engines)('a wrapped key that was changed, on %s', (engine) => {
  const open = async () => {
    const lines: string[] = [];
    const log = createLogger('silent');
    log.error = (fields: object) => lines.push(JSON.stringify(fields));
    const server = await startServer({ engine });
    const owner = callerOf(server.url, server.ownerToken);
    await owner.agents.create({ slug: 'bot' });
    for (const name of ['FIRST', 'SECOND']) await owner.secrets.create('bot', name, planted);
    const damage = async (purpose: 'data' | 'audit' | 'fingerprint') => {
      const { organization } = await owner.whoami();
      await server.server.house.database.commit(async (stores) => {
        const row = await stores.wrappedKeys.findCurrent(organization?.id ?? '', purpose);
        if (row === undefined) throw new Error('There is no such key');
        const changed = Uint8Array.from(row.wrapped);
        changed[30] = (changed[30] ?? 0) ^ 1;
        await stores.wrappedKeys.rewrap(row.id, changed, row.rootKeyId);
      });
      // One that has opened no key yet.
      const later = await startServer({ engine, log, replicaOf: server, login: false });
      const close = async () => {
        await later.close();
        await server.close();
      };
      return { server, owner: callerOf(later.url, server.ownerToken), close };
    };
    return { damage, lines };
  };
  const expectTold = (refused: Awaited<ReturnType<typeof refusalOf>>, key: string, lines: string[]) => {
    expect(refused).toMatchObject({ code: 'key_unreadable', statusCode: 500, exitCode: 1 });
    expect(refused.message).toContain(`${key} of organization org_`);
    expect(refused.hint).toContain('operator restores it from a backup');
    const logged = lines.filter((line) => line.includes(refused.requestId ?? 'no id'));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('"code":"key_unreadable"');
    expect(logged[0]).toContain(key);
    expect(logged.join()).not.toContain(planted);
  };

  it('R-110 R-267 R-308 a data key: starts name every value under it, nothing is written, and a next key goes on', async () => {
    const { damage, lines } = await open();
    const { server, owner, close } = await damage('data');
    const refused = await refusalOf(owner.start({ agent: 'bot' }));
    expectTold(refused, 'data key 1', lines);
    expect(refused.errors).toMatchObject(
      ['FIRST', 'SECOND'].map((name) => ({ code: 'key_unreadable', name, secret: name, environment: '*' })),
    );
    expect((await owner.audit.list({ agent: 'bot', action: 'workload.start' })).items).toMatchObject([
      { outcome: 'failed', code: 'key_unreadable', details: { unreadable: ['FIRST', 'SECOND'] } },
    ]);
    expect((await owner.workloads.preview({ agent: 'bot' })).variables).toMatchObject([
      { name: 'FIRST', problem: { code: 'key_unreadable' } },
      { name: 'SECOND', problem: { code: 'key_unreadable' } },
    ]);
    expectTold(await refusalOf(owner.secrets.set('bot', 'FIRST', planted)), 'data key 1', lines);
    expectTold(
      await refusalOf(owner.secrets.copy('bot', 'FIRST', { from: '*', to: 'staging' })),
      'data key 1',
      lines,
    );
    expect(await owner.secrets.get('bot', 'FIRST')).toMatchObject({ values: [{ version: 1 }] });

    const { database } = server.config;
    const ran = await runCoffer(['server', 'rotate-data-key'], {
      settings: {
        'data-dir': server.dataDir,
        'root-key-file': server.rootKeyFile,
        'audit-head-file': server.config.auditHeadFile,
        ...('postgres' in database && { database: database.postgres.url }),
      },
    });
    expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining('key_unreadable') as string });
    for (const name of ['FIRST', 'SECOND']) await owner.secrets.set('bot', name, planted);
    expect(await owner.deliver('bot')).toEqual({ FIRST: planted, SECOND: planted });
    await close();
  });

  it.each(['audit', 'fingerprint'] as const)(
    'R-267 R-308 the %s key: no value is written, and nothing is made in its place',
    async (purpose) => {
      const { damage, lines } = await open();
      const { owner, close } = await damage(purpose);
      expectTold(await refusalOf(owner.secrets.set('bot', 'FIRST', planted)), `${purpose} key`, lines);
      if (purpose === 'audit') expectTold(await refusalOf(owner.start({ agent: 'bot' })), 'audit key', lines);
      else expect(await owner.deliver('bot')).toEqual({ FIRST: planted, SECOND: planted });
      expect(await owner.secrets.get('bot', 'FIRST').catch(() => 'refused')).toEqual(
        purpose === 'audit'
          ? 'refused'
          : expect.objectContaining({ values: [expect.objectContaining({ version: 1 })] }),
      );
      await close();
    },
  );
});
