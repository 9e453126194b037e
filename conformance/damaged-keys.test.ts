import type { SecretId } from '@coffer/contract';
import {
  callerOf,
  hasPostgres,
  refusalOf,
  runCoffer,
  startServer,
  stopPostgres,
  type TestServer,
} from '@coffer/testkit';
import { createLogger } from '@coffer/server';
import { afterAll, describe, expect, it } from 'vitest';

/*
 * Somebody changes a wrapped key in the database. Servers that start after that cannot open it: whatever needs
 * it is refused, says why, is in the operator's log, and nothing takes its place. Where it is sealed values that
 * were changed, the data key is rotated all the same, past them.
 */

const engines = hasPostgres() ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
afterAll(stopPostgres);

const planted = 'planted-value-under-a-damaged-key';

const rotateDataKey = ({ config, dataDir, rootKeyFile }: TestServer, ...words: string[]) =>
  runCoffer(['server', 'rotate-data-key', ...words], {
    settings: {
      'data-dir': dataDir,
      'root-key-file': rootKeyFile,
      'audit-head-file': config.auditHeadFile,
      ...('postgres' in config.database && { database: config.database.postgres.url }),
    },
  });

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

    const ran = await rotateDataKey(server);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/^error: 2 values do not open.* The data key 1 of .* \(value_unreadable\)$/m);
    for (const name of ['FIRST', 'SECOND'])
      expect(ran.stderr).toMatch(
        new RegExp(`^  ${name} .*environment \\*, version 1.* agent bot.*\\(key_unreadable\\)$`, 'm'),
      );
    expect(ran.stderr).toContain('“When a key does not open”');
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

describe.each(engines)('sealed values that were changed, on %s', (engine) => {
  interface Told {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly errors: readonly unknown[];
  }

  const open = async () => {
    const server = await startServer({ engine });
    const owner = callerOf(server.url, server.ownerToken);
    await owner.agents.create({ slug: 'bot' });
    const damage = (id: string) =>
      server.server.house.database.commit(async (stores) => {
        const version = await stores.secrets.findVersion(id as SecretId, '*', 1);
        if (!version?.sealed) throw new Error('There is no such version');
        await stores.secrets.replaceStored({ ...version, sealed: version.sealed.toReversed() });
      });
    return { server, owner, damage };
  };

  it('R-045 R-267 a rotation seals the rest, says which do not open and what to do, and can be finished', async () => {
    const { server, owner, damage } = await open();
    await owner.secrets.create('bot', 'WHOLE', 'a-whole-value');
    const { id } = await owner.secrets.create('bot', 'BROKEN', planted);
    await owner.projects.create({ slug: 'shared' });
    const common = await owner.secrets.create({ project: 'shared' }, 'COMMON', planted);
    const own = await owner.secrets.create({ organization: true }, 'VAULTED', planted);
    for (const one of [id, common.id, own.id]) await damage(one);

    const ran = await rotateDataKey(server, '--json');
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    const told = JSON.parse(ran.stderr.trim().split('\n').at(-1) ?? '') as Told;
    expect(told).toMatchObject({
      code: 'value_unreadable',
      message: expect.stringContaining('3 values do not open') as string,
      hint: expect.stringContaining('coffer server rotate-data-key --resume') as string,
    });
    expect(told.errors).toEqual(
      [{ name: 'BROKEN', agent: 'bot' }, { name: 'COMMON', project: 'shared' }, { name: 'VAULTED' }].map(
        ({ name, ...place }) => ({
          ...{ code: 'value_unreadable', name, secret: name, environment: '*', ...place },
          detail: expect.stringContaining('environment *, version 1') as string,
        }),
      ),
    );
    expect(ran.stderr).not.toContain(planted);

    const again = await rotateDataKey(server, '--resume');
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(
      /^ {2}BROKEN .*version 1.*agent bot, organization default.*\(value_unreadable\)$/m,
    );
    await owner.secrets.set('bot', 'BROKEN', 'written-again');
    await owner.secrets.destroyVersion('bot', 'BROKEN', { environment: '*', version: 1 });
    for (const one of [common.id, own.id]) await owner.secrets.delete({ id: one }, { purge: true });
    expect(await rotateDataKey(server, '--resume')).toMatchObject({ status: 0 });
    expect(await owner.deliver('bot')).toEqual({ BROKEN: 'written-again', WHOLE: 'a-whole-value' });
    await server.close();
  });

  it('R-045 lists twenty, and says how many more there are', async () => {
    const { server, owner, damage } = await open();
    for (let number = 0; number < 22; number += 1) {
      const { id } = await owner.secrets.create('bot', `NAME_${number}`, planted);
      await damage(id);
    }
    const { status, stderr } = await rotateDataKey(server);
    expect(status).toBe(1);
    expect(stderr).toContain('22 values do not open');
    expect(stderr).toContain('The first 20 are listed; there are 2 more.');
    expect(stderr.match(/^ {2}NAME_/gm)).toHaveLength(20);
    await server.close();
  });
});
