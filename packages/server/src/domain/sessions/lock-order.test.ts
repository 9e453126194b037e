import { createOrganization, hasPostgres, startServer, stopPostgres, type TestServer } from '@coffer/testkit';
import type { OrganizationId } from '@coffer/contract';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorOf } from '../guard/operator.ts';
import { challengeLocalLogin, completeLocalLogin, type LoginContext } from './local-login.ts';
import { LoginLimits } from './login-limits.ts';
import { logout } from './own.ts';

const email = 'owner@coffer.local';
const origin = { address: '127.0.0.1', requestId: 'req_lock_order' };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

afterAll(stopPostgres);

describe.runIf(hasPostgres())('acts of a person of several organizations, on PostgreSQL', () => {
  let server: TestServer;
  let replica: TestServer;
  let administrator: pg.Client;
  /** In the order in which every batch locks them. */
  let organizations: readonly string[];
  beforeAll(async () => {
    server = await startServer({ engine: 'postgres' });
    for (const slug of ['second', 'third']) await createOrganization(server, { slug, ownerEmail: email });
    replica = await startServer({ engine: 'postgres', replicaOf: server, login: false });
    const { database } = server.config;
    administrator = new pg.Client({ connectionString: 'postgres' in database ? database.postgres.url : '' });
    await administrator.connect();
    const listed = await server.server.house.database.read((stores) => stores.organizations.list());
    organizations = listed.map(({ id }) => id).sort();
    for (const id of organizations) await writeIn(server, id);
  });
  afterAll(async () => {
    await administrator.end();
    await replica.close();
    await server.close();
  });

  const writeIn = ({ server: { house } }: TestServer, id: string) =>
    house.guard.write(operatorOf(house.guard, id as OrganizationId), 'test.write', (operation) => {
      operation.allowOwn();
      operation.record({});
      return Promise.resolve();
    });
  const answers = new Map<string, string>();
  const contextOf = (): LoginContext => ({
    origin,
    limits: new LoginLimits(),
    files: {
      write: (id, answer) => Promise.resolve((answers.set(id, answer), id)),
      remove: () => Promise.resolve(),
    },
  });
  const prepareLogin = async ({ server: { house } }: TestServer) => {
    const { challengeId } = await challengeLocalLogin(house.guard, contextOf());
    const answer = answers.get(challengeId) ?? '';
    return () => completeLocalLogin(house.guard, { challengeId, answer, as: email }, contextOf());
  };
  const prepareLogout = async ({ server: { house } }: TestServer) => {
    const { token } = await (await prepareLogin(server))();
    const caller = await house.authenticator.authenticate(token, null, origin);
    return () => logout(caller);
  };
  /** All of it in one batch, as the one before is held until they have come. */
  const together = async ({ server: { house } }: TestServer, acts: readonly (() => Promise<unknown>)[]) => {
    let release = (): void => undefined;
    const held = house.database.commit(() => new Promise<void>((resolve) => (release = resolve)));
    await pause(50);
    const acting = Promise.all(acts.map((act) => act()));
    await pause(200);
    release();
    await held;
    return acting;
  };
  const isFree = async (chain: string): Promise<boolean> => {
    await administrator.query('savepoint look');
    const asked = administrator.query('select 1 from audit_head where chain = $1 for update nowait', [chain]);
    const free = await asked.then(
      () => true,
      () => false,
    );
    await administrator.query('rollback to savepoint look');
    return free;
  };

  it.each([
    ['logout', prepareLogout],
    ['login', prepareLogin],
  ])('a %s locks its heads with those of its batch, in one order', async (_what, prepare) => {
    const [first = '', ...others] = organizations;
    const act = await prepare(server);
    await administrator.query('begin');
    await administrator.query('select 1 from audit_head where chain = $1 for update', [first]);
    const acting = together(server, [() => writeIn(server, others.at(-1) ?? ''), act]);
    await pause(1_000);
    try {
      // It waits for the first, and holds nothing that another replica may hold before it waits for the first.
      for (const other of others) expect(await isFree(other)).toBe(true);
    } finally {
      await administrator.query('commit');
    }
    await acting;
  });

  it('what was not foreseen and comes to a deadlock is done all the same, by whoever lost it after the other', async () => {
    const [one = '', other = ''] = organizations;
    const before = await deadlocks();
    const open = ({ server: { house } }: TestServer, chains: readonly string[]) =>
      house.database.commit(async (_stores, ledger) => {
        for (const chain of chains) {
          await ledger.open(chain);
          ledger.bumpChanges(chain);
          await pause(300);
        }
      });
    const changesOf = async (chain: string) =>
      (await server.server.house.database.read((stores) => stores.audit.findHead(chain)))?.changes ?? 0;
    const changes = await Promise.all([one, other].map(changesOf));
    await Promise.all([open(server, [one, other]), open(replica, [other, one])]);
    expect(await Promise.all([one, other].map(changesOf))).toEqual(changes.map((count) => count + 2));
    await expect.poll(deadlocks, { timeout: 10_000 }).toBe(before + 1);
  });

  const deadlocks = async (): Promise<number> => {
    const { rows } = await administrator.query<{ deadlocks: string }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    return Number(rows[0]?.deadlocks);
  };
});
