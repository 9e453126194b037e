import { callerOf, createTeam, hasPostgres, refusalOf, startServer, stopPostgres } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';

const engines = hasPostgres() ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
const vault = { organization: true } as const;
const codesOf = ({ advice }: { advice: readonly { code: string }[] }) => advice.map(({ code }) => code);
afterAll(() => stopPostgres());

for (const engine of engines) {
  const server = await startServer({ engine });
  const { owner, admin, holder, member, newAgent } = await createTeam(server);
  afterAll(() => server.close());

  describe(`update, on ${engine}`, () => {
    it('R-155 a new value leaves all else, a new description leaves the value and its versions', async () => {
      const agent = await newAgent();
      const fields = { description: 'Before', tags: ['a'], credentialType: 'token' as const };
      await owner.secrets.create(agent, 'KEY', 'first-value', fields);
      await owner.secrets.update(agent, 'KEY', { value: 'second-value' });
      expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({ ...fields, values: [{ version: 2 }] });
      await owner.secrets.update(agent, 'KEY', { description: 'After' });
      expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({
        ...fields,
        description: 'After',
        values: [{ version: 2 }],
      });
      expect(await owner.deliver(agent)).toEqual({ KEY: 'second-value' });
    });

    it('R-156 set replaces, create on a taken name names the update command, update on an absent one is 404', async () => {
      const agent = await newAgent();
      expect(await owner.secrets.set(agent, 'KEY', 'first-value')).toMatchObject({
        created: true,
        version: 1,
      });
      expect(await owner.secrets.set(agent, 'KEY', 'second-value')).toMatchObject({
        created: false,
        version: 2,
      });
      const taken = await refusalOf(owner.secrets.create(agent, 'KEY', 'third-value'));
      expect(taken).toMatchObject({ code: 'secret_exists' });
      expect(taken.hint).toContain(`coffer secrets update ${agent} KEY`);
      const absent = refusalOf(owner.secrets.update(agent, 'ABSENT', { value: 'a-value' }));
      expect(await absent).toMatchObject({ code: 'secret_not_found', statusCode: 404 });
    });

    it('R-168 deleting or purging the agent names its running workloads, which can be stopped still', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      const { workload } = await owner.start({ agent });
      const holders = [{ id: workload.id, agent, environment: 'development' }];
      expect((await owner.agents.delete(agent)).workloads).toEqual(holders);
      expect((await owner.agents.delete(agent, { purge: true })).workloads).toEqual(holders);
      expect(await refusalOf(member.workloads.stop(workload.id))).toMatchObject({ code: 'forbidden' });
      expect(await owner.workloads.stop(workload.id)).toMatchObject({ state: 'stopping' });
      const { items } = await owner.audit.list({ action: 'workload.stop' });
      const stops = items.filter(({ workloadId }) => workloadId === workload.id);
      expect(stops).toMatchObject([
        { agent, outcome: 'done' },
        { agent, outcome: 'refused' },
      ]);
    });

    it('R-158 an import that overwrites names the running workloads that hold an older value, each once', async () => {
      const agent = await newAgent();
      for (const name of ['ONE', 'TWO']) await owner.secrets.create(agent, name, 'first-value');
      const { workload } = await owner.start({ agent });
      const entries = ['ONE', 'TWO', 'NEW'].map((name) => ({ name, value: `next-value-of-${name}` }));
      expect((await owner.secrets.import(agent, entries)).stale).toEqual([]);
      const dry = await owner.secrets.import(agent, entries, { onConflict: 'overwrite', dryRun: true });
      expect(dry.stale).toEqual([]);
      const written = await owner.secrets.import(agent, entries, { onConflict: 'overwrite' });
      expect(written.stale).toEqual([{ id: workload.id, agent, environment: 'development' }]);
    });

    it('R-158 R-168 the answer names the running workloads that hold the older value', async () => {
      const agent = await newAgent();
      await owner.secrets.set(agent, 'KEY', 'first-value');
      const { workload } = await owner.start({ agent });
      const holders = [{ id: workload.id, agent, environment: 'development' }];
      expect((await owner.secrets.set(agent, 'KEY', 'second-value')).stale).toEqual(holders);
      expect((await owner.secrets.delete(agent, 'KEY')).workloads).toEqual(holders);
    });

    it('R-160 a local value is rotated by writing a new one', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      expect(await owner.secrets.update(agent, 'KEY', { value: 'second-value' })).toMatchObject({
        version: 2,
      });
      const [event] = (await owner.audit.list({ secret: 'KEY', action: 'secret.rotate', agent })).items;
      expect(event).toMatchObject({ environment: '*', version: 2, outcome: 'done' });
    });
  });

  describe(`the same value again (R-159), on ${engine}`, () => {
    it('R-159 writing the current or an earlier value succeeds with a warning, and the trail says so', async () => {
      const agent = await newAgent();
      const { id } = await owner.secrets.create(agent, 'KEY', 'first-value');
      expect(codesOf(await owner.secrets.set(agent, 'KEY', 'first-value'))).toContain('value_reused');
      expect(codesOf(await owner.secrets.set(agent, 'KEY', 'second-value'))).not.toContain('value_reused');
      expect(codesOf(await owner.secrets.set(agent, 'KEY', 'first-value'))).toContain('value_reused');
      const { items } = await owner.audit.list({ secret: id, action: 'secret.rotate', order: 'oldest' });
      expect(items.map(({ details }) => details['reused'] ?? false)).toEqual([true, false, true]);
    });

    it('R-159 R-214 under reused_value: error an import reports values used before as failed, and writes the others', async () => {
      const agent = await newAgent();
      for (const name of ['ONE', 'TWO']) await owner.secrets.create(agent, name, `value-of-${name}`);
      await owner.policy.set('reused_value', 'error');
      const entries = ['ONE', 'NEW', 'TWO'].map((name) => ({ name, value: `value-of-${name}` }));
      const imported = await owner.secrets.import(agent, entries, { onConflict: 'overwrite' });
      await owner.policy.set('reused_value', 'warn');
      expect(imported).toMatchObject({
        results: [
          { name: 'ONE', outcome: 'failed', code: 'value_reused' },
          { name: 'NEW', outcome: 'imported_secret' },
          { name: 'TWO', outcome: 'failed', code: 'value_reused' },
        ],
        counts: { failed: 2, imported_secret: 1 },
      });
      const { values } = await owner.secrets.get(agent, 'ONE');
      expect(values).toMatchObject([{ version: 1 }]);
      const { items } = await owner.audit.list({ secret: 'ONE', agent, action: 'secret.import' });
      expect(items).toMatchObject([{ outcome: 'failed', code: 'value_reused', details: { reused: true } }]);
    });

    it('R-159 who may write but not read metadata is not told, whatever the policy', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'guessed-value');
      const made = await owner.keys.create({ agent, rights: ['write'] });
      const path = `/v1/agents/${agent}/secrets/KEY`;
      const guess = async (value: string) =>
        (await owner.ask('PUT', path, { body: { value }, headers: { authorization: `Bearer ${made.key}` } }))
          .text;
      const wrong = JSON.parse(await guess('wrong-value')) as { advice: unknown };
      const right = JSON.parse(await guess('guessed-value')) as { advice: unknown };
      expect(right.advice).toEqual(wrong.advice);
      await owner.policy.set('reused_value', 'error');
      expect(await guess('guessed-value')).toContain('"version"');
      await owner.policy.set('reused_value', 'warn');
    });

    it('R-159 the policy can make it an error, and nothing is written then', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      await owner.policy.set('reused_value', 'error');
      const again = owner.secrets.set(agent, 'KEY', 'first-value');
      expect(await refusalOf(again)).toMatchObject({ code: 'value_reused', statusCode: 422 });
      await owner.policy.set('reused_value', 'warn');
      expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({ values: [{ version: 1 }] });
    });

    it('R-159 R-317 R-319 a rollback and a copy are done all the same, and tell nothing of the value they move', async () => {
      const agent = await newAgent();
      const live = 'sk_live_0123456789abcdefghijklmn';
      await owner.secrets.create(agent, 'KEY', { production: live });
      await owner.secrets.set(agent, 'KEY', 'second-value', { environment: 'production' });
      await owner.policy.set('reused_value', 'error');
      const back = await owner.secrets.rollback(agent, 'KEY', { environment: 'production', version: 1 });
      const copied = await owner.secrets.copy(agent, 'KEY', { from: 'production', to: 'staging' });
      const again = await owner.secrets.copy(agent, 'KEY', { from: 'production', to: 'staging' });
      await owner.policy.set('reused_value', 'warn');
      expect([back.version, copied.version, again.version]).toEqual([3, 1, 2]);
      const told = [...back.advice, ...copied.advice].map(({ code }) => code);
      expect(told).not.toContain('live_value_elsewhere');
    });

    it('R-159 the answer is given so many times an hour and no more', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      const told: boolean[] = [];
      for (let guess = 0; guess < 25; guess += 1)
        told.push(codesOf(await owner.secrets.set(agent, 'KEY', 'first-value')).includes('value_reused'));
      expect(told.filter((one) => one)).toHaveLength(20);
      expect(told.at(-1)).toBe(false);
    });

    it('R-159 the answers of an hour are as many on two replicas as on one', async () => {
      const replica = await startServer({ engine, replicaOf: server, login: false });
      const there = callerOf(replica.url, server.ownerToken);
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      const told: boolean[] = [];
      for (let guess = 0; guess < 30; guess += 1) {
        const by = guess % 2 === 0 ? owner : there;
        told.push(codesOf(await by.secrets.set(agent, 'KEY', 'first-value')).includes('value_reused'));
      }
      await replica.close();
      expect(told).toEqual([...Array<boolean>(20).fill(true), ...Array<boolean>(10).fill(false)]);
    });
  });

  describe(`versions, on ${engine}`, () => {
    it('R-161 a list shows number, environment, actor, time, change and storage, never a value', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value-to-look-for');
      await holder.secrets.set(agent, 'KEY', 'second-value-to-look-for');
      const { items } = await owner.secrets.versions(agent, 'KEY');
      expect(items).toMatchObject([
        {
          environment: '*',
          version: 2,
          current: true,
          change: 'rotate',
          createdBy: 'holder@example.com',
          storage: 'local',
        },
        { environment: '*', version: 1, current: false, change: 'create', createdBy: 'owner@coffer.local' },
      ]);
      expect(JSON.stringify(items)).not.toContain('value-to-look-for');
    });

    it('R-317 a rollback writes an earlier value as a new version, without showing it', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      await owner.secrets.set(agent, 'KEY', 'second-value');
      const written = await owner.secrets.rollback(agent, 'KEY', { version: 1 });
      expect(written).toMatchObject({ version: 3 });
      expect(JSON.stringify(written)).not.toContain('first-value');
      expect(await owner.deliver(agent)).toEqual({ KEY: 'first-value' });
      const absent = refusalOf(owner.secrets.rollback(agent, 'KEY', { version: 9 }));
      expect(await absent).toMatchObject({ code: 'version_not_found' });
    });

    it('R-317 one version is destroyed, but not the current one', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      await owner.secrets.set(agent, 'KEY', 'second-value');
      await owner.secrets.destroyVersion(agent, 'KEY', { environment: '*', version: 1 });
      const { items } = await owner.secrets.versions(agent, 'KEY');
      expect(items.map(({ version, destroyedAt }) => [version, destroyedAt !== null])).toEqual([
        [2, false],
        [1, true],
      ]);
      const back = refusalOf(owner.secrets.rollback(agent, 'KEY', { version: 1 }));
      expect(await back).toMatchObject({ code: 'version_not_found' });
      const current = owner.secrets.destroyVersion(agent, 'KEY', { environment: '*', version: 2 });
      expect(await refusalOf(current)).toMatchObject({ code: 'version_conflict' });
    });

    it('R-317 keep_versions destroys older ones and never the current', async () => {
      const agent = await newAgent();
      await owner.policy.set('keep_versions', 2);
      for (let version = 1; version <= 4; version += 1)
        await owner.secrets.set(agent, 'KEY', `value-number-${version}`);
      const { items } = await owner.secrets.versions(agent, 'KEY');
      const kept = items.filter(({ destroyedAt }) => destroyedAt === null).map(({ version }) => version);
      expect(kept).toEqual([4, 3]);
      await owner.policy.set('keep_versions', 1);
      await owner.secrets.set(agent, 'KEY', 'value-number-5');
      expect(await owner.deliver(agent)).toEqual({ KEY: 'value-number-5' });
      const left = (await owner.secrets.versions(agent, 'KEY')).items.filter(
        ({ destroyedAt }) => destroyedAt === null,
      );
      expect(left.map(({ version }) => version)).toEqual([5]);
      await owner.policy.set('keep_versions', 20);
    });

    it('R-319 R-292 a copy between environments stays inside the server, and hints at separate credentials', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'staging-value', { environment: 'staging' });
      const copied = await owner.secrets.copy(agent, 'KEY', { from: 'staging', to: 'production' });
      expect(copied).toMatchObject({ environment: 'production', version: 1 });
      expect(codesOf(copied)).toContain('same_value_in_environments');
      expect(JSON.stringify(copied)).not.toContain('staging-value');
      const absent = owner.secrets.copy(agent, 'KEY', { from: 'development', to: 'production' });
      expect(await refusalOf(absent)).toMatchObject({ code: 'no_value_for_environment' });
    });
  });

  describe(`delete and restore, on ${engine}`, () => {
    it('R-166 a deleted secret resolves for nobody, is kept, and comes back with its versions', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      await owner.secrets.set(agent, 'KEY', 'second-value');
      const deleted = await owner.secrets.delete(agent, 'KEY');
      const days = (Date.parse(deleted.restoreUntil ?? '') - Date.now()) / (24 * 60 * 60 * 1000);
      expect(days).toBeGreaterThan(6.9);
      expect(days).toBeLessThanOrEqual(7);
      expect(await owner.deliver(agent)).toEqual({});
      expect((await owner.secrets.list(agent)).items).toEqual([]);
      expect((await owner.secrets.list(agent, { deleted: true })).items).toMatchObject([{ name: 'KEY' }]);
      await owner.secrets.restore(agent, 'KEY');
      expect(await owner.deliver(agent)).toEqual({ KEY: 'second-value' });
      expect(await owner.secrets.set(agent, 'KEY', 'third-value')).toMatchObject({ version: 3 });
    });

    it('R-163 an unreferenced secret is deleted; policy block is refused while there are no references', async () => {
      const block = owner.policy.set('delete', 'block');
      expect(await refusalOf(block)).toMatchObject({ code: 'policy_unavailable' });
      for (const policy of ['allow', 'confirm']) {
        const agent = await newAgent();
        await owner.policy.set('delete', policy);
        await owner.secrets.create(agent, 'KEY', 'some-value');
        expect(await owner.secrets.delete(agent, 'KEY')).toMatchObject({ name: 'KEY', purged: false });
      }
    });

    it('R-166 a purge is for good, also after an earlier delete', async () => {
      const agent = await newAgent();
      const { id } = await owner.secrets.create(agent, 'KEY', 'some-value');
      await owner.secrets.delete({ id });
      expect(await owner.secrets.delete({ id }, { purge: true })).toMatchObject({
        purged: true,
        restoreUntil: null,
      });
      expect(await refusalOf(owner.secrets.restore({ id }))).toMatchObject({ code: 'secret_not_found' });
      expect(await refusalOf(owner.secrets.delete({ id }, { purge: true }))).toMatchObject({
        code: 'secret_not_found',
      });
    });

    it('R-167 a name is free after a delete, and restoring onto a taken one is refused', async () => {
      const agent = await newAgent();
      const first = await owner.secrets.create(agent, 'KEY', 'first-secret');
      await owner.secrets.delete(agent, 'KEY');
      const second = await owner.secrets.create(agent, 'KEY', 'second-secret');
      expect(second.id).not.toBe(first.id);
      expect(second).toMatchObject({ version: 1, created: true });
      expect(await refusalOf(owner.secrets.restore({ id: first.id }))).toMatchObject({
        code: 'secret_exists',
      });
      await owner.secrets.delete(agent, 'KEY');
      await owner.secrets.restore({ id: first.id });
      expect(await owner.deliver(agent)).toEqual({ KEY: 'first-secret' });
    });

    it('R-166 R-267 a secret that is not deleted cannot be restored over itself, and is said not to be deleted', async () => {
      const agent = await newAgent();
      const { id } = await owner.secrets.create(agent, 'KEY', 'some-value');
      for (const restored of [owner.secrets.restore({ id }), owner.secrets.restore(agent, 'KEY')])
        expect(await refusalOf(restored)).toMatchObject({
          code: 'secret_exists',
          message: `The secret KEY of agent ${agent} is not deleted, so there is nothing to restore.`,
          hint: `Show it with: coffer secrets get ${agent} KEY`,
        });
      expect(await refusalOf(owner.secrets.restore(agent, 'KEZ'))).toMatchObject({
        code: 'secret_not_found',
        hint: expect.stringContaining('Close to it: KEY') as string,
      });
    });

    it('R-166 a deleted secret is changed by nothing but a restore or a purge', async () => {
      const agent = await newAgent();
      const { id } = await owner.secrets.create(agent, 'KEY', {
        '*': 'some-value',
        staging: 'another-value',
      });
      await owner.secrets.delete({ id });
      for (const asked of [
        () => owner.secrets.get({ id }),
        () => owner.secrets.update({ id }, { value: 'a-new-value' }),
        () => owner.secrets.rollback({ id }, { version: 1 }),
        () => owner.secrets.copy({ id }, { from: 'staging', to: '*' }),
        () => owner.secrets.removeValue({ id }, 'staging'),
        () => owner.secrets.delete({ id }),
      ])
        expect(await refusalOf(asked())).toMatchObject({ code: 'secret_not_found' });
    });
  });

  describe(`writes that say what they expect (R-318), on ${engine}`, () => {
    it('R-318 If-Match writes only over the version named, 0 for none yet', async () => {
      const agent = await newAgent();
      await owner.secrets.set(agent, 'KEY', 'first-value', { expectVersion: 0 });
      const conflict = { code: 'version_conflict', statusCode: 412 };
      expect(await refusalOf(owner.secrets.set(agent, 'KEY', 'other', { expectVersion: 0 }))).toMatchObject(
        conflict,
      );
      await owner.secrets.set(agent, 'KEY', 'second-value', { expectVersion: 1 });
      const late = owner.secrets.update(agent, 'KEY', { value: 'third-value' }, { expectVersion: 1 });
      expect(await refusalOf(late)).toMatchObject(conflict);
      const back = owner.secrets.rollback(agent, 'KEY', { version: 1 }, { expectVersion: 1 });
      expect(await refusalOf(back)).toMatchObject(conflict);
      expect(await owner.deliver(agent)).toEqual({ KEY: 'second-value' });
    });

    it('R-318 If-Match holds for a change of metadata and a deletion too', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      await owner.secrets.set(agent, 'KEY', 'second-value');
      const conflict = { code: 'version_conflict', statusCode: 412 };
      const late = { expectVersion: 1 };
      for (const refused of [
        () => owner.secrets.update(agent, 'KEY', { description: 'stale' }, late),
        () => owner.secrets.update(agent, 'KEY', { description: 'stale', environment: 'staging' }, late),
        () => owner.secrets.delete(agent, 'KEY', late),
        () => owner.secrets.delete(agent, 'KEY', { ...late, purge: true }),
      ])
        expect(await refusalOf(refused())).toMatchObject(conflict);
      expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({ description: '', deletedAt: null });
      await owner.secrets.update(agent, 'KEY', { description: 'fresh' }, { expectVersion: 2 });
      expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({ description: 'fresh' });
      await owner.secrets.delete(agent, 'KEY', { expectVersion: 2 });
      const purge = { purge: true, expectVersion: 1 };
      expect(await refusalOf(owner.secrets.delete(agent, 'KEY', purge))).toMatchObject(conflict);
    });

    it('R-318 where it is not clear which version is meant, the change is refused until it is named', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', { staging: 'of-staging' });
      await owner.secrets.update(agent, 'KEY', { description: 'one' }, { expectVersion: 1 });
      await owner.secrets.set(agent, 'KEY', { production: 'of-production' });
      const version = { expectVersion: 1 };
      for (const refused of [
        () => owner.secrets.update(agent, 'KEY', { description: 'two' }, version),
        () => owner.secrets.delete(agent, 'KEY', version),
      ])
        expect(await refusalOf(refused())).toMatchObject({ code: 'request_invalid' });
      const named = { description: 'two', environment: 'staging' };
      await owner.secrets.update(agent, 'KEY', named, version);
      expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({ description: 'two' });
    });

    it('R-318 a route that does not take one of the headers refuses it by name, and does nothing', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'some-value');
      const [secret, start] = [`/v1/agents/${agent}/secrets/KEY`, { target: { type: 'agent', id: agent } }];
      const [match, key] = [{ 'if-match': '"9"' }, { 'idempotency-key': 'k' }];
      for (const [method, path, header, body] of [
        ['POST', '/v1/workloads', key, start],
        ['POST', '/v1/workloads', match, start],
        ['PUT', '/v1/policy/preview', key, { value: 'off' }],
        ['DELETE', secret, key, undefined],
        ['DELETE', `/v1/agents/${agent}`, match, undefined],
        ['POST', `/v1/agents/${agent}/secrets`, match, { name: 'OTHER', value: 'some-value' }],
        ['POST', '/v1/login/local/challenge', key, undefined],
        ['GET', secret, match, undefined],
      ] as const) {
        const answer = await owner.ask(method, path, { headers: { ...header }, body });
        expect(answer, `${method} ${path}`).toMatchObject({ status: 400, code: 'request_invalid' });
        expect(answer.text.toLowerCase()).toContain(Object.keys(header)[0]);
      }
      expect((await owner.secrets.list(agent)).items).toMatchObject([{ name: 'KEY' }]);
      expect((await owner.workloads.list({ agent })).items).toEqual([]);
    });

    it('R-318 an import and a restore are done once under an Idempotency-Key', async () => {
      const agent = await newAgent();
      const once = { idempotencyKey: `once-${agent}` };
      const bring = () =>
        owner.secrets.import(agent, [{ name: 'KEY', value: 'some-value' }], {
          onConflict: 'overwrite',
          ...once,
        });
      expect(await bring()).toEqual(await bring());
      expect((await owner.secrets.versions(agent, 'KEY')).items).toHaveLength(1);
      await owner.secrets.delete(agent, 'KEY');
      const back = await owner.secrets.restore(agent, 'KEY', once);
      expect(await owner.secrets.restore(agent, 'KEY', once)).toEqual(back);
      await owner.agents.delete(agent);
      const restore = { headers: { 'idempotency-key': 'agent' } };
      const first = await owner.ask('POST', `/v1/agents/${agent}/restore`, restore);
      expect(first.status).toBe(200);
      expect((await owner.ask('POST', `/v1/agents/${agent}/restore`, restore)).text).toBe(first.text);
    });

    it('R-318 of many writers that expect the same version, one wins', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'KEY', 'first-value');
      const writers = Array.from({ length: 20 }, (_, at) =>
        owner.secrets.set(agent, 'KEY', `value-of-writer-${at}`, { expectVersion: 1 }).then(
          () => 'won',
          (error: unknown) => (error as { code: string }).code,
        ),
      );
      const outcomes = await Promise.all(writers);
      expect(outcomes.filter((outcome) => outcome === 'won')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'version_conflict')).toHaveLength(19);
    });

    it('R-318 a malformed If-Match or Idempotency-Key is refused', async () => {
      const agent = await newAgent();
      const path = `/v1/agents/${agent}/secrets/KEY`;
      for (const headers of [
        { 'if-match': '3' },
        { 'if-match': '"x"' },
        { 'idempotency-key': 'k'.repeat(256) },
      ]) {
        const answer = await owner.ask('PUT', path, {
          body: { value: 'some-value' },
          headers: { ...headers },
        });
        expect(answer).toMatchObject({ status: 400, code: 'request_invalid' });
      }
    });

    it('R-318 a repeated write under one Idempotency-Key is done once, and another body is a conflict', async () => {
      const agent = await newAgent();
      const options = { idempotencyKey: 'write-1' };
      const first = await owner.secrets.set(agent, 'KEY', 'some-value', options);
      expect(await owner.secrets.set(agent, 'KEY', 'some-value', options)).toEqual(first);
      expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({ values: [{ version: 1 }] });
      const other = owner.secrets.set(agent, 'KEY', 'another-value', options);
      expect(await refusalOf(other)).toMatchObject({ code: 'idempotency_conflict', statusCode: 409 });
      expect(await admin.secrets.set(agent, 'KEY', 'another-value', options)).toMatchObject({ version: 2 });
    });

    it('R-318 an answer that carries a key is not replayed, only its id', async () => {
      const agent = await newAgent();
      const ask = () =>
        owner.ask('POST', '/v1/keys', {
          body: { agent, rights: ['read'] },
          headers: { 'idempotency-key': 'key-1' },
        });
      const first = JSON.parse((await ask()).text) as { id: string; key: string };
      const again = await ask();
      expect(JSON.parse(again.text)).toEqual({ id: first.id, replayed: true });
      expect(again.text).not.toContain(first.key);
      const made = (await owner.keys.list()).items.filter(({ agent: of }) => of === agent);
      expect(made).toHaveLength(1);
    });

    it('R-318 a refused write does not use up its Idempotency-Key', async () => {
      const agent = await newAgent();
      const options = { idempotencyKey: 'write-2' };
      expect(await refusalOf(owner.secrets.set(agent, 'KEY', '', options))).toMatchObject({
        code: 'value_empty',
      });
      expect(await owner.secrets.set(agent, 'KEY', 'some-value', options)).toMatchObject({ version: 1 });
    });
  });

  describe(`import, on ${engine}`, () => {
    it('R-211 taken names are left, overwritten or refuse the whole import', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'TAKEN', 'first-value');
      const entries = [
        { name: 'TAKEN', value: 'imported-value' },
        { name: 'FRESH', value: 'fresh-value' },
      ];
      const refused = await refusalOf(owner.secrets.import(agent, entries, { onConflict: 'error' }));
      expect(refused).toMatchObject({ code: 'secret_exists', errors: [{ secret: 'TAKEN' }] });
      expect(await owner.deliver(agent)).toEqual({ TAKEN: 'first-value' });
      expect((await owner.secrets.import(agent, entries)).counts).toEqual({
        skipped_existing: 1,
        imported_secret: 1,
      });
      const over = await owner.secrets.import(agent, entries, { onConflict: 'overwrite' });
      expect(over.counts).toEqual({ overwritten: 2 });
      expect(await owner.deliver(agent)).toEqual({ TAKEN: 'imported-value', FRESH: 'fresh-value' });
    });

    it('R-212 R-214 overwriting follows the rules of kind changes, and a failed line stops no other', async () => {
      const agent = await newAgent();
      await owner.secrets.create(agent, 'SEALED', { '*': 'sealed-value', staging: 'staging-value' });
      const entries = [
        { name: 'SEALED', value: 'now-plain' },
        { name: 'REGION', value: 'eu-west-1' },
        { name: 'BLANK', value: '' },
      ];
      const report = await owner.secrets.import(agent, entries, { kind: 'plain', onConflict: 'overwrite' });
      expect(report.results).toMatchObject([
        { name: 'SEALED', outcome: 'failed', code: 'kind_change_needs_value' },
        { name: 'REGION', outcome: 'imported_variable' },
        { name: 'BLANK', outcome: 'skipped_blank' },
      ]);
      expect(await owner.deliver(agent)).toEqual({ SEALED: 'sealed-value', REGION: 'eu-west-1' });
    });

    it('R-214 a dry run says the same and writes nothing', async () => {
      const entries = [{ name: 'IMPORTED', value: 'some-value' }];
      const dry = await owner.secrets.import(vault, entries, { dryRun: true });
      expect(dry).toMatchObject({ dryRun: true, counts: { imported_secret: 1 } });
      expect((await owner.secrets.list(vault)).items.map(({ name }) => name)).not.toContain('IMPORTED');
    });
  });
}
