import {
  callerOf,
  createTeam,
  hasPostgres,
  refusalOf,
  startServer,
  stopPostgres,
  type Team,
  type TestCaller,
  type TestServer,
} from '@coffer/testkit';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * Two servers on one database. What one has acknowledged, the other no longer serves in its old form; and
 * the runners' links of the one hear what was done through the other.
 */

interface Heard {
  readonly event: string;
  readonly stale: readonly string[];
}

const eventTimeoutMs = 5000;

/** Listens on a workload's link; `next` waits for one event, longer than it may ever take. */
const listen = async (url: string, workload: string, token: string) => {
  const headers = { authorization: `Bearer ${token}` };
  const request = get(`${url}/v1/workloads/${workload}/events`, { headers, agent: false });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  const heard: Heard[] = [];
  const waiting: ((one: Heard) => void)[] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of response) {
      text += String(chunk);
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const match = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end));
        text = text.slice(end + 2);
        if (match === null) continue;
        const one = { event: match[1] ?? '', ...(JSON.parse(match[2] ?? '{}') as { stale: string[] }) };
        const waiter = waiting.shift();
        if (waiter === undefined) heard.push(one);
        else waiter(one);
      }
    }
  };
  const reading = read().catch(() => undefined);
  return {
    next: () =>
      new Promise<Heard>((resolve, reject) => {
        const known = heard.shift();
        if (known !== undefined) {
          resolve(known);
          return;
        }
        const timer = setTimeout(() => reject(new Error('no event came')), eventTimeoutMs);
        waiting.push((one) => {
          clearTimeout(timer);
          resolve(one);
        });
      }),
    close: async () => {
      request.destroy();
      await reading;
    },
  };
};

const engines = hasPostgres() ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);

describe.each(engines)('two servers on one %s database', (engine) => {
  let first: TestServer;
  let second: TestServer;
  let team: Team;
  beforeAll(async () => {
    first = await startServer({ engine });
    second = await startServer({ replicaOf: first });
    team = await createTeam(first);
  });
  afterAll(async () => {
    await second.close();
    await first.close();
    await stopPostgres();
  });
  const open = () => ({ ...team, there: callerOf(second.url, team.owner.token) });

  const startRaw = async (caller: TestCaller, agent: string) => {
    const { text } = await caller.ask('POST', '/v1/workloads', {
      body: { target: { type: 'agent', id: agent } },
    });
    const { workload, token } = JSON.parse(text) as { workload: { id: string }; token: string };
    return { id: workload.id, token };
  };

  it('R-104 R-105 a runner hears of a rotation and a stop, from its own server and from the other', async () => {
    const { owner, there, newAgent } = open();
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', 'first-value');
    for (const [round, writer] of [owner, there].entries()) {
      const { id, token } = await startRaw(owner, agent);
      const link = await listen(first.url, id, token);
      await writer.secrets.set(agent, 'KEY', `value-${id}`);
      const newest = [{ name: 'KEY', environment: '*', version: round + 2 }];
      expect(await link.next()).toEqual({ event: 'rotated', stale: ['KEY'], newest });
      await writer.workloads.stop(id);
      expect(await link.next()).toEqual({ event: 'stop', stale: ['KEY'] });
      await link.close();
    }
  });

  it('R-106 a runner hears of a restart', async () => {
    const { owner, there, newAgent } = open();
    const agent = await newAgent();
    const { id, token } = await startRaw(owner, agent);
    const link = await listen(second.url, id, token);
    await owner.agents.restart(agent);
    expect(await link.next()).toEqual({ event: 'restart', stale: [] });
    await link.close();
    await there.workloads.get(id);
  });

  it('R-104 a link that is made after a rotation is told of it at once', async () => {
    const { owner, newAgent } = open();
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', 'first-value');
    const { id, token } = await startRaw(owner, agent);
    await owner.secrets.set(agent, 'KEY', 'second-value');
    const link = await listen(second.url, id, token);
    const newest = [{ name: 'KEY', environment: '*', version: 2 }];
    expect(await link.next()).toEqual({ event: 'rotated', stale: ['KEY'], newest });
    await link.close();
  });

  it('R-102 a rotated value is never delivered once its write is acknowledged, on either', async () => {
    const { owner, there, newAgent } = open();
    const agent = await newAgent();
    for (let round = 0; round < 15; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [owner, there] : [there, owner];
      await writer.secrets.set(agent, 'KEY', `value-of-round-${round}`);
      const delivered = await Promise.all([
        reader.deliver(agent),
        writer.deliver(agent),
        reader.deliver(agent),
      ]);
      for (const one of delivered) expect(one).toEqual({ KEY: `value-of-round-${round}` });
    }
  });

  it('R-166 a deleted secret, a removed value and a purged one resolve for nobody, on either', async () => {
    const { owner, there, newAgent } = open();
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { '*': 'shared-value', development: 'own-value' });
    expect(await there.deliver(agent)).toEqual({ KEY: 'own-value' });
    await owner.secrets.removeValue(agent, 'KEY', 'development');
    expect(await there.deliver(agent)).toEqual({ KEY: 'shared-value' });
    await there.secrets.delete(agent, 'KEY');
    expect(await owner.deliver(agent)).toEqual({});
    await owner.secrets.restore(agent, 'KEY');
    expect(await there.deliver(agent)).toEqual({ KEY: 'shared-value' });
    await owner.secrets.delete(agent, 'KEY', { purge: true });
    expect(await there.deliver(agent)).toEqual({});
  });

  it('R-076 a revoked key is refused by both with the next request', async () => {
    const { owner, newAgent } = open();
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', 'some-value');
    const made = await owner.keys.create({ agent, rights: ['run'], environments: ['development'] });
    const here = callerOf(first.url, made.key);
    const there = callerOf(second.url, made.key);
    for (const runner of [here, there]) expect(await runner.deliver(agent)).toEqual({ KEY: 'some-value' });
    await owner.keys.revoke(made.id);
    for (const runner of [here, there])
      expect(await refusalOf(runner.start({ agent }))).toMatchObject({ code: 'not_authenticated' });
  });

  it('R-075 a lost role, a moved agent and a changed policy hold on both with the next request', async () => {
    const { owner, there, admin, newAgent } = open();
    const agent = await newAgent();
    const adminThere = callerOf(second.url, admin.token);
    await adminThere.start({ agent });
    await owner.policy.set('people_may_run', { development: ['owner'] });
    expect(await refusalOf(adminThere.start({ agent }))).toMatchObject({ code: 'run_forbidden' });
    await there.policy.set('people_may_run', { development: ['owner', 'admin'] });
    await admin.start({ agent });
    await owner.members.update('admin@example.com', { role: 'member' });
    expect(await refusalOf(adminThere.secrets.list(agent))).toMatchObject({ code: 'forbidden' });
    await there.members.update('admin@example.com', { role: 'admin' });
    expect((await admin.secrets.list(agent)).items).toEqual([]);
  });

  it('R-075 a session that was ended at one is not good at the other', async () => {
    const token = await first.loginAs('member@example.com');
    const there = callerOf(second.url, token);
    await there.whoami();
    await callerOf(first.url, token).logout();
    expect(await refusalOf(there.whoami())).toMatchObject({ code: 'not_authenticated' });
  });

  it('R-075 R-076 whoever lost access writes nothing more, at neither, though both knew the caller', async () => {
    const { owner, there, admin, newAgent } = open();
    const agent = await newAgent();
    const key = await owner.keys.create({ agent, rights: ['write'] });
    const leaving = await owner.members.create({ email: 'leaving@example.com', role: 'admin' });
    const token = await first.loginAs('leaving@example.com');
    const leaver = { here: callerOf(first.url, token), there: callerOf(second.url, token) };
    const session = await first.loginAs('admin@example.com');
    let number = 0;
    const write = (caller: TestCaller, slug = agent) =>
      caller.secrets.set(slug, 'KEY', `value-${(number += 1)}`);
    /** Both servers have what decides remembered; `act` takes it away; the very next writes are refused. */
    const losesBy = async (callers: readonly TestCaller[], act: () => Promise<unknown>, code: string) => {
      for (const caller of callers) await Promise.all([write(caller), write(caller)]);
      await act();
      const refused = await Promise.all(
        callers.flatMap((caller) => [write(caller), write(caller)]).map(refusalOf),
      );
      expect(refused.map((error) => error.code)).toEqual(refused.map(() => code));
    };
    const both = (token: string) => [callerOf(first.url, token), callerOf(second.url, token)] as const;

    await losesBy(both(key.key), () => owner.keys.revoke(key.id), 'not_authenticated');
    await losesBy(both(session), () => callerOf(first.url, session).logout(), 'not_authenticated');
    await losesBy(
      [leaver.here, leaver.there],
      () => there.members.update(leaving.id, { role: 'member' }),
      'forbidden',
    );
    await owner.members.update(leaving.id, { role: 'admin' });
    await losesBy([leaver.here, leaver.there], () => owner.members.delete(leaving.id), 'not_authenticated');
    const vault = (caller: TestCaller) =>
      caller.secrets.set({ organization: true }, 'SHARED', `value-${(number += 1)}`);
    const adminThere = callerOf(second.url, admin.token);
    for (const caller of [admin, adminThere]) await vault(caller);
    await owner.policy.set('organization_writes', 'owner_only');
    for (const caller of [admin, adminThere])
      expect(await refusalOf(vault(caller))).toMatchObject({ code: 'forbidden' });
    await there.policy.set('organization_writes', 'owner_or_admin');
    for (const caller of [admin, adminThere]) await vault(caller);
    const environments = [owner, there].map(
      (caller) => () => caller.secrets.set(agent, 'KEY', { qa: `value-${(number += 1)}` }),
    );
    await owner.environments.create({ slug: 'qa' });
    for (const toQa of environments) await toQa();
    await owner.secrets.removeValue(agent, 'KEY', 'qa');
    await there.environments.delete('qa');
    for (const toQa of environments)
      expect(await refusalOf(toQa())).toMatchObject({ code: 'environment_not_found' });
    await losesBy([owner, there], () => owner.agents.delete(agent), 'agent_not_found');
    const again = await newAgent({ slug: agent });
    expect(await write(there, again)).toMatchObject({ version: 1, created: true });
  });

  it('R-075 an agent that moved to another owner is written by that one alone, at both', async () => {
    const { owner, there, holder, member, newAgent } = open();
    const agent = await newAgent();
    const holders = [holder, callerOf(second.url, holder.token)];
    const members = [member, callerOf(second.url, member.token)];
    for (const one of holders) await one.secrets.set(agent, 'KEY', 'value-of-holder');
    for (const one of members)
      expect(await refusalOf(one.secrets.set(agent, 'KEY', 'x'))).toMatchObject({ code: 'forbidden' });
    await there.agents.update(agent, { owner: 'member@example.com' });
    for (const one of holders)
      expect(await refusalOf(one.secrets.set(agent, 'KEY', 'y'))).toMatchObject({ code: 'forbidden' });
    for (const one of members) await one.secrets.set(agent, 'KEY', 'value-of-member');
    await owner.agents.update(agent, { owner: 'holder@example.com' });
  });

  it('R-018 writers at both make versions without a gap or a twin', async () => {
    const { owner, there, newAgent } = open();
    const agent = await newAgent();
    const writes = Array.from({ length: 30 }, (_, at) =>
      (at % 2 === 0 ? owner : there).secrets.set(agent, 'KEY', `value-number-${at}`),
    );
    const versions = (await Promise.all(writes)).map(({ version }) => version ?? 0);
    expect(versions.sort((left, right) => left - right)).toEqual(
      Array.from({ length: 30 }, (_, at) => at + 1),
    );
  });

  it('R-307 the chain that both wrote verifies at both', async () => {
    const { owner, there } = open();
    expect(await owner.audit.verify()).toMatchObject({ ok: true });
    expect(await there.audit.verify()).toMatchObject({ ok: true });
  });
});
