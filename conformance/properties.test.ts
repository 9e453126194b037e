import { isReservedVariableName, isSecretName, isVariableName } from '@coffer/contract';
import { createTeam, refusalOf, startServer } from '@coffer/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/* What holds for every sequence of acts: a model that a reader can check by eye, beside the real server. */

const server = await startServer();
const { owner, newAgent } = await createTeam(server);
const environments = ['development', 'staging', 'production'] as const;
beforeAll(() =>
  owner.policy.set('people_may_run', { development: ['owner'], staging: ['owner'], production: ['owner'] }),
);
afterAll(() => server.close());

let projects = 0;
const newPlace = async () => {
  projects += 1;
  const project = `property-${projects}`;
  await owner.projects.create({ slug: project });
  return { project: { project }, agent: await newAgent({ project }) };
};

const slot = fc.constantFrom('*', ...environments);
const values = fc.dictionary(slot, fc.stringMatching(/^[a-z]{8,12}$/), {
  minKeys: 1,
  maxKeys: 4,
  noNullPrototype: true,
});

describe('precedence and lookup', () => {
  it('R-030 R-098 a start delivers what the model says, or fails where the model has no value', async () => {
    const secrets = fc.dictionary(fc.constantFrom('ALPHA', 'BRAVO', 'CHARLIE'), values, {
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(
        secrets,
        secrets,
        fc.constantFrom(...environments),
        async (ofProject, ofAgent, environment) => {
          const { project, agent } = await newPlace();
          for (const [name, held] of Object.entries(ofProject))
            await owner.secrets.create(project, name, held);
          for (const [name, held] of Object.entries(ofAgent)) await owner.secrets.create(agent, name, held);
          const expected: Record<string, string> = {};
          const missing: string[] = [];
          for (const [name, held] of Object.entries({ ...ofProject, ...ofAgent })) {
            const value = held[environment] ?? held['*'];
            if (value === undefined) missing.push(name);
            else expected[name] = value;
          }
          if (missing.length === 0) expect(await owner.deliver(agent, environment)).toEqual(expected);
          else {
            const refused = await refusalOf(owner.start({ agent, environment }));
            expect(refused.errors.map(({ name }) => name)).toEqual(missing.sort());
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('versions', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), slot }),
    fc.record({ kind: fc.constant('remove' as const), slot }),
    fc.record({ kind: fc.constant('rollback' as const), slot, back: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('copy' as const), slot, to: slot }),
    fc.record({ kind: fc.constant('restore' as const) }),
  );

  it('R-018 numbers go up by one per slot and are never used again, whatever happens to a secret', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
        const { agent } = await newPlace();
        const last: Record<string, number> = { '*': 1 };
        await owner.secrets.create(agent, 'KEY', 'value-number-0');
        let serial = 0;
        for (const one of acts) {
          serial += 1;
          const written = await (async () => {
            if (one.kind === 'set')
              return owner.secrets.set(agent, 'KEY', `value-number-${serial}`, { environment: one.slot });
            if (one.kind === 'rollback')
              return owner.secrets.rollback(agent, 'KEY', { environment: one.slot, version: one.back });
            if (one.kind === 'copy') return owner.secrets.copy(agent, 'KEY', { from: one.slot, to: one.to });
            if (one.kind === 'remove') return owner.secrets.removeValue(agent, 'KEY', one.slot);
            await owner.secrets.delete(agent, 'KEY');
            await owner.secrets.restore(agent, 'KEY');
            return undefined;
          })().catch((error: unknown) => {
            expect(['version_not_found', 'no_value_for_environment', 'last_value']).toContain(
              (error as { code: string }).code,
            );
            return undefined;
          });
          for (const [environment, version] of Object.entries(written?.versions ?? {})) {
            expect(version).toBe((last[environment] ?? 0) + 1);
            last[environment] = version;
          }
        }
        const listed = (await owner.secrets.versions(agent, 'KEY')).items;
        const numbers = listed.map(({ environment, version }) => `${environment}/${version}`);
        expect(new Set(numbers).size).toBe(numbers.length);
        const count = Object.values(last).reduce((sum, number) => sum + number, 0);
        expect(numbers).toHaveLength(count);
      }),
      { numRuns: 25 },
    );
  });
});

describe('paging', () => {
  it('any limit walks every item once, in order', async () => {
    const { agent } = await newPlace();
    const names = Array.from({ length: 23 }, (_, at) => `KEY_${at}`).sort();
    await owner.secrets.import(
      agent,
      names.map((name) => ({ name, value: 'some-value' })),
    );
    const lists = {
      secrets: (limit: number) => owner.secrets.listAll(agent, { limit }),
      agents: (limit: number) => owner.agents.listAll({ limit }),
      workloads: (limit: number) => owner.workloads.listAll({ limit }),
    };
    for (let count = 0; count < 9; count += 1) await owner.start({ agent, only: [] });
    for (const walk of Object.values(lists)) {
      const whole: string[] = [];
      for await (const { id } of walk(1000)) whole.push(id);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (limit) => {
          const walked: string[] = [];
          for await (const { id } of walk(limit)) walked.push(id);
          expect(walked).toEqual(whole);
        }),
        { numRuns: 8 },
      );
    }
  });

  it('a cursor that no list gave out is refused', async () => {
    const { agent } = await newPlace();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 40 }), async (cursor) => {
        const refused = await refusalOf(owner.secrets.list(agent, { cursor }));
        expect(refused).toMatchObject({ code: 'request_invalid' });
      }),
      { numRuns: 30 },
    );
  });

  it('a list that grows meanwhile still shows what was there before, once', async () => {
    const { agent } = await newPlace();
    for (const name of ['B', 'D', 'F', 'H']) await owner.secrets.create(agent, name, 'some-value');
    const first = await owner.secrets.list(agent, { limit: 2 });
    for (const name of ['A', 'C', 'E', 'G']) await owner.secrets.create(agent, name, 'some-value');
    const rest = await owner.secrets.list(agent, { limit: 10, cursor: first.nextCursor ?? '' });
    const walked = [...first.items, ...rest.items].map(({ name }) => name);
    expect(walked).toEqual(['B', 'D', 'E', 'F', 'G', 'H']);
  });
});

describe('names', () => {
  it('R-013 R-016 R-303 the server takes exactly the names of the name table, as they are', async () => {
    const { agent } = await newPlace();
    const likely = fc.stringMatching(/^[A-Za-z0-9_ .-]{1,12}$/);
    const name = fc.oneof(
      likely,
      fc.string({ minLength: 1, maxLength: 20 }),
      fc.constantFrom('PATH', 'LD_X', '__proto__'),
    );
    await fc.assert(
      fc.asyncProperty(name, async (typed) => {
        const body = { name: typed, value: 'some-value' };
        const answer = await owner.ask('POST', `/v1/agents/${agent}/secrets`, { body });
        const code = !isSecretName(typed)
          ? 'name_invalid'
          : !isVariableName(typed)
            ? 'env_name_invalid'
            : isReservedVariableName(typed)
              ? 'name_reserved'
              : undefined;
        if (code !== undefined) expect([typed, answer.code]).toEqual([typed, code]);
        else {
          expect([201, 409]).toContain(answer.status);
          expect((await owner.secrets.get(agent, typed)).name).toBe(typed);
          await owner.secrets.delete(agent, typed, { purge: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});
