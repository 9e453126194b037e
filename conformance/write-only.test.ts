import { ask, createTeam, refusalOf, startServer, type TestServerOptions } from '@coffer/testkit';
import { pino } from 'pino';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';

const lines: string[] = [];
const log = pino(
  { level: 'trace' },
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  }),
) as NonNullable<TestServerOptions['log']>;
const server = await startServer({ log });
const { owner, holder, newAgent } = await createTeam(server);
afterAll(() => server.close());

const vault = { organization: true } as const;
const planted = 'planted-3qX9vB7mK2wT5zR8';

describe('a sealed value after it was saved', () => {
  it('R-077 R-089 R-220 no answer but a delivery carries it', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    const answers: unknown[] = [
      await owner.secrets.set(agent, 'KEY', planted),
      await owner.secrets.update({ id }, { description: 'Written once' }),
      await owner.secrets.rollback({ id }, { version: 1 }),
      await owner.secrets.copy({ id }, { from: '*', to: 'staging' }),
      await owner.secrets.import(agent, [{ name: 'KEY', value: planted }], { onConflict: 'overwrite' }),
      await owner.secrets.get({ id }),
      await owner.secrets.list(agent),
      await owner.secrets.versions({ id }),
      await owner.agents.received(agent),
      await owner.workloads.preview({ agent }),
    ];
    expect(await owner.deliver(agent)).toEqual({ KEY: planted });
    answers.push(
      await owner.workloads.list(),
      await owner.audit.list({ limit: 1000 }),
      await owner.secrets.removeValue({ id }, 'staging'),
      await owner.secrets.delete({ id }),
      await owner.secrets.list(agent, { deleted: true }),
      await owner.secrets.restore({ id }),
    );
    expect(JSON.stringify(answers)).not.toContain(planted);
  });

  it('R-220 no query parameter of an ordinary read adds it', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    for (const query of ['reveal=true', 'values=true', 'include=value', 'decrypt=1']) {
      for (const path of [`/v1/secrets/${id}`, `/v1/agents/${agent}/secrets`]) {
        const { text } = await owner.ask('GET', `${path}?${query}`);
        expect(text).not.toContain(planted);
      }
    }
  });

  it('R-077 R-112 a start is the delivery, and it is always audited', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted);
    const { workload } = await owner.start({ agent });
    const { items } = await owner.audit.list({ action: 'workload.start', agent });
    expect(items).toMatchObject([{ workloadId: workload.id, outcome: 'done', secrets: [{ name: 'KEY' }] }]);
  });

  it('R-079 lists show at most the preview, for every caller', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted);
    for (const caller of [owner, holder]) {
      const [record] = (await caller.secrets.list(agent)).items;
      expect(record?.values).toMatchObject([{ preview: '****5zR8' }]);
      expect(record?.values[0]).not.toHaveProperty('value');
    }
  });

  it('R-080 with preview policy none, lists and what an agent receives show no preview at all', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'BEFORE', planted);
    await owner.policy.set('preview', 'none');
    await owner.secrets.create(agent, 'AFTER', planted);
    const listed = (await owner.secrets.list(agent)).items.flatMap(({ values }) => values);
    expect(listed.map(({ preview }) => preview)).toEqual([null, null]);
    expect((await owner.agents.received(agent)).items.map(({ preview }) => preview)).toEqual([null, null]);
    await owner.policy.set('preview', 'last4');
    const previews = (await owner.secrets.list(agent)).items.map(({ name, values }) => [
      name,
      values[0]?.preview,
    ]);
    expect(Object.fromEntries(previews)).toEqual({ AFTER: null, BEFORE: '****5zR8' });
  });

  it('R-078 R-300 reveal and check are off, and cannot be switched on in this release', async () => {
    expect(await owner.policy.get()).toMatchObject({ reveal: 'never', check: 'off', delete: 'confirm' });
    for (const [name, value] of [
      ['reveal', 'owner_or_admin'],
      ['check', 'on'],
    ] as const) {
      const refused = await refusalOf(owner.policy.set(name, value));
      expect(refused).toMatchObject({ code: 'policy_unavailable', statusCode: 422 });
    }
  });

  it('R-084 never_reveal is turned on and never off', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    await owner.secrets.update({ id }, { neverReveal: true });
    expect(await owner.secrets.get({ id })).toMatchObject({ neverReveal: true });
    const off = await owner.ask('PATCH', `/v1/secrets/${id}`, { body: { neverReveal: false } });
    expect(off).toMatchObject({ status: 400, code: 'request_invalid' });
    await owner.secrets.set(agent, 'KEY', 'a-newer-value');
    expect(await owner.secrets.get({ id })).toMatchObject({ neverReveal: true });
  });

  it('R-087 a value too short to mask is delivered, not masked, and told at the write and at the start', async () => {
    const agent = await newAgent();
    const { advice } = await owner.secrets.create(agent, 'PIN', '12345');
    expect(advice.map(({ code }) => code)).toContain('value_too_short_to_mask');
    const started = await owner.start({ agent });
    expect(started.advice.map(({ code }) => code)).toContain('value_too_short_to_mask');
  });

  it('R-086 sealed values of a delivery are marked to be masked, plain ones are not', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'SEALED', planted);
    await owner.secrets.create(agent, 'OPEN', 'eu-west-1', { kind: 'plain' });
    const { variables } = await owner.start({ agent });
    expect(Object.fromEntries(variables.map(({ name, masked }) => [name, masked]))).toEqual({
      OPEN: false,
      SEALED: true,
    });
  });

  it('R-077 a delivery is not kept by caches, and an idempotency key, under which it would be, is refused', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted);
    const body = { target: { type: 'agent', id: agent } };
    const headers = { 'idempotency-key': 'once' };
    const kept = await owner.ask('POST', '/v1/workloads', { body, headers });
    expect(kept).toMatchObject({ status: 400, code: 'request_invalid' });
    expect(kept.text).toContain('Idempotency-Key');
    const delivered = await owner.ask('POST', '/v1/workloads', { body });
    expect(delivered.status).toBe(201);
    expect(delivered.headers.get('cache-control')).toBe('no-store');
  });
});

describe('errors and logs (R-088)', () => {
  const bad: readonly [string, string, unknown][] = [
    ['PUT', 'KEY', { value: planted, unknown: planted }],
    ['PUT', 'KEY', { value: [planted] }],
    ['PUT', 'KEY', { value: planted, kind: planted }],
    ['PUT', 'KEY', { value: planted, environment: planted }],
    ['PUT', 'KEY', { value: planted, tags: [planted.repeat(5)] }],
    ['PUT', 'KEY', { values: { [planted]: planted } }],
    ['PUT', 'KEY', { value: planted, [planted]: true }],
    ['PUT', 'KEY', `{"value":"${planted}"`],
    ['PUT', 'KEY', `{"value":"${planted}\\ud800"}`],
    ['PUT', encodeURIComponent(`${planted}/${planted}`), { value: planted }],
  ];

  it('R-088 R-267 validation errors never echo what was sent', async () => {
    const agent = await newAgent();
    for (const [method, name, body] of bad) {
      const answer = await owner.ask(method, `/v1/agents/${agent}/secrets/${name}`, { body });
      expect([400, 422]).toContain(answer.status);
      const keptName = name.includes(planted);
      if (!keptName) expect(answer.text).not.toContain(planted);
    }
  });

  it('R-088 a body of another media type, or too large, is refused without a look', async () => {
    const agent = await newAgent();
    const path = `/v1/agents/${agent}/secrets/KEY`;
    const form = await owner.ask('PUT', path, {
      body: `value=${planted}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    const large = await owner.ask('PUT', path, { body: { value: planted.repeat(400_000) } });
    expect(large).toMatchObject({ status: 413, code: 'payload_too_large' });
  });

  it('R-088 nothing that was sent is in the server’s log', async () => {
    const agent = await newAgent();
    await owner.secrets.create(vault, 'LOGGED', planted);
    await owner.secrets.create(agent, 'KEY', planted);
    await owner.deliver(agent);
    for (const [method, name, body] of bad)
      await owner.ask(method, `/v1/agents/${agent}/secrets/${name}`, { body });
    await ask(`${server.url}/v1/whoami?value=${planted}`, { method: 'GET', token: planted });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('')).not.toContain(planted);
    expect(lines.join('')).not.toContain(owner.token);
  });
});
