import { ask, callerOf, refusalOf, startServer } from '@coffer/testkit';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';

/* The server's clock is passed in; here it jumps, forward and backward. */

const dayMs = 24 * 60 * 60 * 1000;
let now = Date.parse('2026-03-01T12:00:00Z');
let server = await startServer({ clock: { now: () => now } });
afterAll(() => server.close());

/** The owner, logged in now: a session is good for twelve hours of the server's clock. */
const login = async () => callerOf(server.url, await server.loginAs('owner@coffer.local'));
const restart = async () => {
  server = await server.restart();
};

describe('a clock that jumps', () => {
  it('R-075 a session ends after twelve hours and is not revived by a clock set back', async () => {
    const owner = await login();
    await owner.whoami();
    now += dayMs;
    expect(await refusalOf(owner.whoami())).toMatchObject({ code: 'not_authenticated' });
    expect((await (await login()).whoami()).email).toBe('owner@coffer.local');
  });

  it('R-076 a key expires by the server’s clock, 90 days after it was made', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    const { key } = await owner.keys.create({ agent, rights: ['read'] });
    const machine = callerOf(server.url, key);
    await machine.secrets.list(agent);
    now += 90 * dayMs - 1;
    await machine.secrets.list(agent);
    now += 1;
    expect(await refusalOf(machine.secrets.list(agent))).toMatchObject({ code: 'not_authenticated' });
  });

  it('R-076 a key expires on the hot path too, where its caller is remembered', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    const made = { agent, rights: ['run' as const], environments: ['development'], expiresInDays: 1 };
    const runner = callerOf(server.url, (await owner.keys.create(made)).key);
    await runner.start({ agent });
    await runner.start({ agent });
    now += dayMs;
    expect(await refusalOf(runner.start({ agent }))).toMatchObject({ code: 'not_authenticated' });
  });

  it('a login challenge is good for 60 seconds and for one answer', async () => {
    const challenge = async () => {
      const made = await (await fetch(`${server.url}/v1/login/local/challenge`, { method: 'POST' })).json();
      const { challengeId, file } = made as { challengeId: string; file: string };
      return { challengeId, answer: (await readFile(file, 'utf8')).split('\n')[0] };
    };
    const answer = (body: unknown) => ask(`${server.url}/v1/login/local`, { method: 'POST', body });
    const late = await challenge();
    now += 60_000;
    expect(await answer(late)).toMatchObject({ status: 401, code: 'not_authenticated' });
    const used = await challenge();
    expect(await answer({ ...used, answer: 'a-wrong-answer' })).toMatchObject({ status: 401 });
    expect(await answer(used)).toMatchObject({ status: 201 });
    expect(await answer(used)).toMatchObject({ status: 401 });
  });

  it('R-166 what was deleted is destroyed when its retention ends, and not before', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    const { id } = await owner.secrets.create(agent, 'KEY', 'some-value');
    await owner.secrets.delete({ id });
    now += 6 * dayMs;
    await restart();
    const early = await login();
    await early.secrets.restore({ id });
    await early.secrets.delete({ id });
    now += 7 * dayMs + 1;
    await restart();
    const late = await login();
    await expect.poll(async () => (await late.secrets.list(agent, { deleted: true })).items).toEqual([]);
    expect(await refusalOf(late.secrets.restore({ id }))).toMatchObject({ code: 'secret_not_found' });
    const [event] = (await late.audit.list({ secret: id, action: 'secret.purge' })).items;
    expect(event).toMatchObject({ outcome: 'done', actor: { type: 'operator' } });
  });

  it('R-006 a deleted agent is destroyed with its secrets when its retention ends', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    await owner.secrets.create(agent, 'KEY', 'some-value');
    await owner.agents.delete(agent);
    now += 7 * dayMs + 1;
    await restart();
    const late = await login();
    await expect
      .poll(async () => (await late.audit.list({ action: 'agent.purge' })).items.length)
      .toBeGreaterThan(0);
    expect(await refusalOf(late.agents.restore(agent))).toMatchObject({ code: 'agent_not_found' });
  });

  it('R-105 a workload that is silent for over 60 seconds counts as lost, and is back with a beat', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    const { text } = await owner.ask('POST', '/v1/workloads', {
      body: { target: { type: 'agent', id: agent } },
    });
    const { workload, token } = JSON.parse(text) as { workload: { id: string }; token: string };
    now += 61_000;
    expect(await owner.workloads.get(workload.id)).toMatchObject({ state: 'lost' });
    expect((await owner.workloads.list({ agent, state: 'lost' })).items).toHaveLength(1);
    await callerOf(server.url, token).ask('POST', `/v1/workloads/${workload.id}/heartbeat`);
    expect(await owner.workloads.get(workload.id)).toMatchObject({ state: 'running' });
  });

  it('R-104 R-106 R-168 R-310 an unmasked workload counts with the others while it is heard, and is detached then and after', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    await owner.secrets.set(agent, 'KEY', 'a-first-value');
    const start = async () => {
      const { text } = await owner.ask('POST', '/v1/workloads', {
        body: { target: { type: 'agent', id: agent }, environment: 'development', output: 'unmasked' },
      });
      const { token, workload } = JSON.parse(text) as { token: string; workload: { id: string } };
      const beat = () => callerOf(server.url, token).ask('POST', `/v1/workloads/${workload.id}/heartbeat`);
      return { id: workload.id, beat };
    };
    const [held, silent] = [await start(), await start()];
    now += 61_000;
    await held.beat();
    const { stale } = await owner.secrets.set(agent, 'KEY', 'a-second-value');
    expect(stale.map(({ id }) => id)).toEqual([held.id]);
    expect(await owner.workloads.get(held.id)).toMatchObject({ state: 'detached' });
    expect((await owner.workloads.list({ agent, state: 'running' })).items).toEqual([]);
    expect((await owner.workloads.list({ agent, state: 'detached' })).items).toHaveLength(2);
    expect(await owner.agents.restart(agent)).toEqual({ stopping: [], restarted: [held.id] });
    expect(JSON.parse((await held.beat()).text)).toMatchObject({ state: 'stopping', restart: true });
    expect(await owner.workloads.stop(held.id)).toMatchObject({ state: 'stopping' });
    expect(await owner.workloads.stop(silent.id)).toMatchObject({ state: 'detached' });
    expect((await owner.workloads.list({ agent, state: 'stopping' })).items).toHaveLength(1);
    expect((await owner.workloads.list({ agent, state: 'lost' })).items).toEqual([]);
    const { workloads } = await owner.agents.delete(agent);
    expect(workloads.map(({ id }) => id)).toEqual([held.id]);
  });

  it('R-105 a workload that is silent for days is written down as lost, and is back with a beat', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    await owner.secrets.create(agent, 'KEY', 'some-value');
    const start = async () => {
      const { text } = await owner.ask('POST', '/v1/workloads', {
        body: { target: { type: 'agent', id: agent } },
      });
      return JSON.parse(text) as { workload: { id: string }; token: string };
    };
    const { workload, token } = await start();
    now += 2 * dayMs;
    await restart();
    const later = await login();
    const stored = () => {
      const database = new DatabaseSync(join(server.dataDir, 'coffer.db'), { readOnly: true });
      const row = database.prepare('select state from workload where id = ?').get(workload.id);
      database.close();
      return row?.['state'];
    };
    await expect.poll(stored).toBe('lost');
    expect((await later.workloads.list({ agent, state: 'lost' })).items).toHaveLength(1);
    expect((await later.secrets.set(agent, 'KEY', 'another-value')).stale).toEqual([]);
    await callerOf(server.url, token).ask('POST', `/v1/workloads/${workload.id}/heartbeat`);
    expect(await later.workloads.get(workload.id)).toMatchObject({ state: 'running', stale: ['KEY'] });
  });

  it('R-274 R-285 a credential past its time, and a value due to be rotated, are told with the secret', async () => {
    const before = await login();
    const agent = await newAgentBy(before);
    const expiresAt = new Date(now + 20 * dayMs).toISOString();
    const fields = { rotateEveryDays: 30, expiresAt };
    const { id } = await before.secrets.create(agent, 'AGED', { '*': 'one', staging: 'two' }, fields);
    expect((await before.secrets.get({ id })).advice).toEqual([]);
    now += 29 * dayMs;
    const after = await login();
    await after.secrets.set(agent, 'AGED', 'two, rotated', { environment: 'staging' });
    now += 2 * dayMs;
    const later = await login();
    for (const { advice } of [
      await later.secrets.get({ id }),
      (await later.secrets.list(agent)).items.find((one) => one.id === id) ?? { advice: [] },
    ]) {
      expect(advice.map(({ code }) => code)).toEqual(['credential_expired', 'rotation_due']);
      expect(advice.at(-1)?.message).toMatch(/over for: \*\.$/);
    }
    expect(await later.deliver(agent)).toMatchObject({ AGED: 'one' });
  });

  it('R-318 an idempotency key is kept 24 hours', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    const options = { idempotencyKey: 'kept-a-day' };
    await owner.secrets.set(agent, 'KEY', 'first-value', options);
    now += dayMs + 1;
    const later = await login();
    expect(await later.secrets.set(agent, 'KEY', 'second-value', options)).toMatchObject({ version: 2 });
  });

  it('R-018 R-307 a clock set back breaks neither versions nor the chain', async () => {
    const owner = await login();
    const agent = await newAgentBy(owner);
    await owner.secrets.set(agent, 'KEY', 'first-value');
    now -= 6 * 60 * 60 * 1000;
    expect(await owner.secrets.set(agent, 'KEY', 'second-value')).toMatchObject({ version: 2 });
    expect(await owner.deliver(agent)).toEqual({ KEY: 'second-value' });
    await restart();
    const after = await login();
    expect(await after.deliver(agent)).toEqual({ KEY: 'second-value' });
    expect(await after.audit.verify()).toMatchObject({ ok: true });
    const { items } = await after.secrets.versions(agent, 'KEY');
    expect(items.map(({ version, current }) => [version, current])).toEqual([
      [2, true],
      [1, false],
    ]);
  });
});

let agents = 0;
async function newAgentBy(owner: Awaited<ReturnType<typeof login>>): Promise<string> {
  agents += 1;
  return (await owner.agents.create({ slug: `clocked-${agents}` })).slug;
}
