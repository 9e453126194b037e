import {
  ask,
  callerOf,
  createTeam,
  runCoffer,
  startServer,
  type TestCaller,
  type TestServer,
} from '@coffer/testkit';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/*
 * What somebody who holds the database, but no key, can do to the audit trail: each time verification
 * names the first event that is not what it was.
 */

const servers: TestServer[] = [];
const opened: DatabaseSync[] = [];
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

interface Trail {
  readonly server: TestServer;
  readonly owner: TestCaller;
  readonly database: DatabaseSync;
  readonly chain: string;
  /** The sequence of the event that names a start's secrets. */
  readonly start: number;
}

const openDatabase = (server: TestServer): DatabaseSync => {
  const path = join(server.dataDir, 'coffer.db');
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec('pragma busy_timeout = 5000');
  return database;
};

/** A server with a trail of its own, in whose database the test then writes. */
const makeTrail = async (): Promise<Trail> => {
  const server = await startServer();
  servers.push(server);
  const { owner, newAgent } = await createTeam(server);
  const agent = await newAgent();
  for (const name of ['ONE', 'TWO', 'THREE']) await owner.secrets.create(agent, name, `value-of-${name}`);
  await owner.start({ agent });
  for (const name of ['ONE', 'TWO']) await owner.secrets.set(agent, name, `next-value-of-${name}`);
  const chain = (await owner.whoami()).organization?.id ?? '';
  const start = (await owner.audit.list({ action: 'workload.start' })).items[0]?.sequence ?? 0;
  return { server, owner, database: openDatabase(server), chain, start };
};

const headOf = ({ database, chain }: Trail) => {
  const head = database.prepare('select sequence, mac from audit_head where chain = ?').get(chain);
  return { sequence: Number(head?.['sequence']), mac: head?.['mac'] as Uint8Array };
};
const run = ({ database }: Trail, sql: string, ...values: SQLInputValue[]): void => {
  database.prepare(sql).run(...values);
};

describe('an event that was changed, and put back', () => {
  let trail: Trail;
  beforeAll(async () => {
    trail = await makeTrail();
    return () => trail.database.close();
  });

  /** Does something to the database, verifies, undoes it and verifies again. */
  const brokenBy = async (change: () => void, undo: () => void) => {
    change();
    const { ok, firstBroken } = await trail.owner.audit.verify();
    undo();
    expect(await trail.owner.audit.verify()).toMatchObject({ ok: true, firstBroken: null });
    expect(ok).toBe(false);
    return firstBroken;
  };

  const changes: Readonly<Record<string, SQLInputValue>> = {
    id: 'evt_00000000000000000000000000',
    at: 1,
    action: 'secret.describe',
    outcome: 'refused',
    code: 'forbidden',
    actor_type: 'key',
    actor_id: 'mem_somebody-else',
    actor_name: 'somebody@example.com',
    secret_id: 'sec_another',
    secret_name: 'ANOTHER',
    agent_id: 'agt_another',
    agent_slug: 'another',
    project_id: 'prj_another',
    environment: 'production',
    version: 7,
    workload_id: 'wrk_another',
    resolution_digest: '00',
    address: '10.0.0.1',
    request_id: 'req_another',
    details: '{}',
    mac: new Uint8Array(32),
  };
  for (const [column, value] of Object.entries(changes)) {
    it(`R-307 a changed ${column} is found, and its event named`, async () => {
      const { database, chain, start } = trail;
      const where = 'where chain = ? and sequence = ?';
      const before = database.prepare(`select ${column} as kept from audit_event ${where}`).get(chain, start);
      const write = (to: SQLInputValue) =>
        run(trail, `update audit_event set ${column} = ? ${where}`, to, chain, start);
      // A record of the start has no code; what was there before decides what is put in its place.
      const other = column === 'details' ? '{"changed":true}' : value;
      const firstBroken = await brokenBy(
        () => write(other),
        () => write(before?.['kept'] as SQLInputValue),
      );
      expect(firstBroken).toMatchObject({ sequence: start, reason: 'changed' });
    });
  }

  it('R-307 a removed event is found', async () => {
    const { database, chain, start } = trail;
    database.exec('create table kept as select * from audit_event where 0');
    const firstBroken = await brokenBy(
      () => {
        run(
          trail,
          'insert into kept select * from audit_event where chain = ? and sequence = ?',
          chain,
          start,
        );
        run(trail, 'delete from audit_event where chain = ? and sequence = ?', chain, start);
      },
      () => run(trail, 'insert into audit_event select * from kept'),
    );
    expect(firstBroken).toMatchObject({ sequence: start, reason: 'removed' });
  });

  it('R-307 two events in each other’s place are found', async () => {
    const { chain, start } = trail;
    const swap = () => {
      const move = 'update audit_event set sequence = ? where chain = ? and sequence = ?';
      run(trail, move, -1, chain, start);
      run(trail, move, start, chain, start + 1);
      run(trail, move, start + 1, chain, -1);
    };
    expect(await brokenBy(swap, swap)).toMatchObject({ sequence: start, reason: 'reordered' });
  });

  it('R-307 an event moved further on, the others moved up, is found as reordered', async () => {
    const { chain, start } = trail;
    const move = 'update audit_event set sequence = ? where chain = ? and sequence = ?';
    const rotate = (order: readonly number[]) => () => {
      order.forEach((from, at) => run(trail, move, -1 - at, chain, start + from));
      order.forEach((_, at) => run(trail, move, start + at, chain, -1 - at));
    };
    const firstBroken = await brokenBy(rotate([1, 2, 0]), rotate([2, 0, 1]));
    expect(firstBroken).toMatchObject({ sequence: start, reason: 'reordered' });
  });

  it('R-307 an event put at the end, with a gap in its place, is found as reordered', async () => {
    const { chain, start } = trail;
    const end = headOf(trail).sequence + 100;
    const move = 'update audit_event set sequence = ? where chain = ? and sequence = ?';
    const firstBroken = await brokenBy(
      () => run(trail, move, end, chain, start),
      () => run(trail, move, start, chain, end),
    );
    expect(firstBroken).toMatchObject({ sequence: start, reason: 'reordered' });
  });

  it('R-307 an event moved into another chain is found', async () => {
    const { chain, start } = trail;
    const move = 'update audit_event set chain = ? where chain = ? and sequence = ?';
    const firstBroken = await brokenBy(
      () => run(trail, move, 'elsewhere', chain, start),
      () => run(trail, move, chain, 'elsewhere', start),
    );
    expect(firstBroken).toMatchObject({ sequence: start, reason: 'removed' });
  });

  it('R-307 R-257 what a start is said to have been given cannot be changed', async () => {
    const columns = {
      version: 99,
      name: 'OTHER',
      secret_id: 'sec_other',
      environment: 'production',
      source: 'project',
    };
    for (const [column, value] of Object.entries(columns)) {
      const where = `where position = 0`;
      const before = trail.database.prepare(`select ${column} as kept from resolution_secret ${where}`).get();
      const write = (to: SQLInputValue) =>
        run(trail, `update resolution_secret set ${column} = ? ${where}`, to);
      const firstBroken = await brokenBy(
        () => write(value),
        () => write(before?.['kept'] as SQLInputValue),
      );
      expect(firstBroken).toMatchObject({ sequence: trail.start, reason: 'secrets_changed' });
    }
  });

  it('R-307 R-257 a secret cannot be taken out of a start’s record', async () => {
    const { database } = trail;
    database.exec('create table kept_secret as select * from resolution_secret where position = 1');
    const firstBroken = await brokenBy(
      () => database.exec('delete from resolution_secret where position = 1'),
      () => database.exec('insert into resolution_secret select * from kept_secret'),
    );
    expect(firstBroken).toMatchObject({ sequence: trail.start, reason: 'secrets_changed' });
  });

  it('R-307 events cut off at the end are found', async () => {
    const { chain } = trail;
    const { sequence } = headOf(trail);
    trail.database.exec('create table tail as select * from audit_event where 0');
    const firstBroken = await brokenBy(
      () => {
        run(
          trail,
          'insert into tail select * from audit_event where chain = ? and sequence > ?',
          chain,
          sequence - 3,
        );
        run(trail, 'delete from audit_event where chain = ? and sequence > ?', chain, sequence - 3);
      },
      () => run(trail, 'insert into audit_event select * from tail'),
    );
    expect(firstBroken).toMatchObject({ sequence: sequence - 2, reason: 'cut_off' });
  });
});

describe('the instance’s own trail', () => {
  const verify = async ({ server }: Trail) => {
    const { dataDir, rootKeyFile, auditHeadFile } = server.config;
    const ran = await runCoffer(['server', 'verify-audit', '--json'], {
      settings: { 'data-dir': dataDir, 'root-key-file': rootKeyFile, 'audit-head-file': auditHeadFile },
    });
    return { status: ran.status, chains: JSON.parse(ran.stdout) as { name: string; ok: boolean }[] };
  };

  it('R-258 R-307 is checked with data directory and root key, beside those of the organizations', async () => {
    const trail = await makeTrail();
    for (let count = 0; count < 3; count += 1)
      await ask(`${trail.server.url}/v1/whoami`, { method: 'GET', token: 'cfr_ses_of_nobody' });
    expect(await verify(trail)).toMatchObject({
      status: 0,
      chains: [
        { name: 'the instance', ok: true },
        { name: 'organization default', ok: true },
      ],
    });
    const where = `chain = 'instance' and sequence = 2`;
    run(trail, `update audit_event set address = '10.0.0.1' where ${where}`);
    expect(await verify(trail)).toMatchObject({
      status: 10,
      chains: [{ ok: false, firstBroken: { sequence: 2, reason: 'changed' } }, { ok: true }],
    });
  });
});

describe('a trail that was rewritten from its end', () => {
  /** Cuts off the last events and makes the head row agree, as far as that is possible without the key. */
  const cutOff = (trail: Trail, count: number): number => {
    const { database, chain } = trail;
    const { sequence } = headOf(trail);
    run(trail, 'delete from audit_event where chain = ? and sequence > ?', chain, sequence - count);
    const last = database
      .prepare('select mac from audit_event where chain = ? and sequence = ?')
      .get(chain, sequence - count);
    const mac = last?.['mac'] as Uint8Array;
    run(trail, 'update audit_head set sequence = ?, mac = ? where chain = ?', sequence - count, mac, chain);
    return sequence;
  };

  const restarted = async (trail: Trail): Promise<Trail> => {
    trail.database.close();
    const server = await trail.server.restart();
    servers.splice(servers.indexOf(trail.server), 1, server);
    return {
      ...trail,
      server,
      owner: callerOf(server.url, server.ownerToken),
      database: openDatabase(server),
    };
  };

  it('R-307 a cut with a rewritten head is found by the head that was kept outside the database', async () => {
    const trail = await restarted(await makeTrail());
    const { owner, database } = await restarted(trail);
    const after = { ...trail, owner, database };
    const kept = headOf(after).sequence;
    cutOff(after, 6);
    const { ok, firstBroken } = await owner.audit.verify();
    database.close();
    expect(ok).toBe(false);
    expect(firstBroken?.reason).toBe('cut_off');
    expect(firstBroken?.sequence).toBe(kept - 5);
  });

  it('R-307 what is cut off under a running server is found at once, also what came after the last kept head', async () => {
    const trail = await makeTrail();
    const kept = cutOff(trail, 1);
    const cut = await trail.owner.audit.verify();
    expect(cut).toMatchObject({ ok: false, firstBroken: { sequence: kept, reason: 'cut_off' } });
    for (let count = 0; count < 12; count += 1) await trail.owner.policy.set('preview', 'last4');
    expect(headOf(trail).sequence).toBeGreaterThan(kept);
    const grown = await trail.owner.audit.verify();
    expect(grown).toMatchObject({ ok: false, firstBroken: { sequence: kept, reason: 'changed' } });
    const { owner, database } = await restarted(trail);
    expect(await owner.audit.verify()).toMatchObject({ ok: false, firstBroken: { sequence: kept } });
    database.close();
  });

  it('R-307 it is still found when the chain has grown past the head that was kept', async () => {
    const trail = await restarted(await makeTrail());
    const kept = headOf(trail).sequence;
    cutOff(trail, 4);
    for (let count = 0; count < 12; count += 1) await trail.owner.policy.set('preview', 'last4');
    expect(headOf(trail).sequence).toBeGreaterThan(kept);
    const { owner, database } = await restarted(trail);
    const { ok, firstBroken } = await owner.audit.verify();
    database.close();
    expect(ok).toBe(false);
    expect(firstBroken?.sequence).toBeLessThanOrEqual(kept);
  });

  it('R-307 an event made by somebody without the audit key is found', async () => {
    const trail = await makeTrail();
    const { chain, database } = trail;
    const { sequence, mac } = headOf(trail);
    database.exec(`create table forged as select * from audit_event where sequence = ${sequence}`);
    const forged = Buffer.from(mac).reverse();
    run(trail, 'update forged set id = ?, sequence = ?, mac = ?', 'evt_FORGED', sequence + 1, forged);
    run(trail, 'insert into audit_event select * from forged where chain = ?', chain);
    run(trail, 'update audit_head set sequence = ?, mac = ? where chain = ?', sequence + 1, forged, chain);
    const { ok, firstBroken } = await trail.owner.audit.verify();
    database.close();
    expect(ok).toBe(false);
    expect(firstBroken).toMatchObject({ sequence: sequence + 1, eventId: 'evt_FORGED', reason: 'changed' });
  });

  it('R-307 a changed head row is found', async () => {
    const trail = await makeTrail();
    run(trail, 'update audit_head set mac = ? where chain = ?', Buffer.alloc(32, 1), trail.chain);
    const { ok, firstBroken } = await trail.owner.audit.verify();
    const { sequence } = headOf(trail);
    trail.database.close();
    expect(ok).toBe(false);
    expect(firstBroken).toMatchObject({ sequence: sequence - 1, reason: 'changed' });
  });
});
