import { createTeam, startServer } from '@coffer/testkit';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, newAgent } = await createTeam(server);
afterAll(() => server.close());

const planted = 'planted-kZ81vQ0rT7yN4pL2';

/** Everything in the data directory, as bytes. */
const readData = async (): Promise<Buffer> => {
  const files = await readdir(server.dataDir, { recursive: true, withFileTypes: true });
  const contents = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name)));
  return Buffer.concat(await Promise.all(contents));
};

describe('what is stored', () => {
  it('R-041 R-047 a value is local without any external store', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted);
    expect((await owner.secrets.get(agent, 'KEY')).values).toMatchObject([{ storage: 'local' }]);
  });

  it('R-031 where a value is kept is said for each environment by itself, and for each version', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', { development: planted, production: 'other' });
    const { values } = await owner.secrets.get({ id });
    expect(values.map(({ environment, storage }) => [environment, storage])).toEqual([
      ['development', 'local'],
      ['production', 'local'],
    ]);
    const { items } = await owner.secrets.versions({ id });
    expect(items.map(({ storage }) => storage)).toEqual(['local', 'local']);
    const remote = { environment: 'production', provider: 'vault', remotePath: 'kv/x', remoteKey: 'y' };
    const moved = await owner.ask('PUT', `/v1/agents/${agent}/secrets/KEY`, { body: remote });
    expect(moved.status).toBeGreaterThanOrEqual(400);
    expect(await owner.deliver(agent, 'development')).toEqual({ KEY: planted });
  });

  it('R-042 R-091 no plaintext of a sealed value is in any file of the data directory', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted);
    await owner.secrets.set(agent, 'KEY', `${planted}-rotated`);
    await owner.secrets.create(agent, 'OPEN', 'plain-text-is-there', { kind: 'plain' });
    await owner.deliver(agent);
    const data = await readData();
    expect(data.includes('plain-text-is-there')).toBe(true);
    for (const form of [
      planted,
      Buffer.from(planted).toString('base64').slice(0, 20),
      Buffer.from(planted).toString('hex'),
    ])
      expect(data.includes(form)).toBe(false);
  });

  it('R-044 the root key is in no file of the data directory, in no form', async () => {
    const key = (await readFile(server.rootKeyFile, 'utf8')).trim();
    const bytes = Buffer.from(key, 'base64');
    expect(bytes).toHaveLength(32);
    const data = await readData();
    expect(data.includes(key)).toBe(false);
    expect(data.includes(bytes)).toBe(false);
    expect(data.includes(bytes.toString('hex'))).toBe(false);
  });

  it('R-044 the first start makes the key file for its own user alone', async () => {
    expect((await stat(server.rootKeyFile)).mode & 0o777).toBe(0o600);
  });

  it('R-043 every write has a fresh nonce, so equal values are stored as different bytes', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', { '*': planted, staging: planted });
    const database = new DatabaseSync(join(server.dataDir, 'coffer.db'), { readOnly: true });
    const rows = database.prepare('select sealed from version where secret_id = ?').all(id);
    database.close();
    const sealed = rows.map((row) => Buffer.from(row['sealed'] as Uint8Array).toString('hex'));
    expect(new Set(sealed).size).toBe(2);
  });

  it('R-046 keys, sessions and workload tokens are stored as hashes only', async () => {
    const agent = await newAgent();
    const { key } = await owner.keys.create({ agent, rights: ['read'] });
    const started = await owner.ask('POST', '/v1/workloads', {
      body: { target: { type: 'agent', id: agent } },
    });
    const { token } = JSON.parse(started.text) as { token: string };
    const data = await readData();
    for (const secret of [key, token, owner.token]) expect(data.includes(secret)).toBe(false);
  });
});

describe('the root key at a start (R-044)', () => {
  const refusalOfStart = async (settings: Record<string, string>): Promise<unknown> =>
    startServer({ replicaOf: server, settings }).then(
      async (started) => {
        await started.close();
        return undefined;
      },
      (error: unknown) => error,
    );
  const folder = join(server.dataDir, '..', 'keys');
  const keyFile = async (name: string, content: string, mode = 0o600): Promise<string> => {
    await mkdir(folder, { recursive: true });
    const path = join(folder, name);
    await writeFile(path, content, { mode });
    await chmod(path, mode);
    return path;
  };

  it('R-044 a wrong key does not start', async () => {
    const path = await keyFile('wrong', `${randomBytes(32).toString('base64')}\n`);
    expect(await refusalOfStart({ 'root-key-file': path })).toMatchObject({ code: 'root_key_invalid' });
  });

  it('R-044 a missing key file is not made for a database that exists', async () => {
    const path = join(folder, 'missing');
    expect(await refusalOfStart({ 'root-key-file': path })).toMatchObject({ code: 'root_key_invalid' });
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('R-044 a malformed key does not start, and is not repeated', async () => {
    const path = await keyFile('short', 'bm90IDMyIGJ5dGVz\n');
    const refused = await refusalOfStart({ 'root-key-file': path });
    expect(refused).toMatchObject({ code: 'root_key_invalid' });
    expect(String(refused)).not.toContain('bm90IDMyIGJ5dGVz');
  });

  it('R-044 a key file that others can write is refused', async () => {
    const path = await keyFile('writable', await readFile(server.rootKeyFile, 'utf8'), 0o622);
    expect(await refusalOfStart({ 'root-key-file': path })).toMatchObject({ code: 'root_key_invalid' });
  });

  it('R-044 a key file that others can read, as Kubernetes mounts it, is taken', async () => {
    const path = await keyFile('readable', await readFile(server.rootKeyFile, 'utf8'), 0o644);
    expect(await refusalOfStart({ 'root-key-file': path })).toBeUndefined();
  });

  it('R-044 the same key as hex opens the same database', async () => {
    const hex = Buffer.from((await readFile(server.rootKeyFile, 'utf8')).trim(), 'base64').toString('hex');
    expect(await refusalOfStart({ 'root-key-file': await keyFile('hex', `${hex}\n`) })).toBeUndefined();
  });

  it('R-044 a key inside the data directory is refused', async () => {
    const path = join(server.dataDir, 'root.key');
    const refused = await startServer({
      settings: { 'data-dir': server.dataDir, 'root-key-file': path },
    }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'root_key_invalid' });
  });
});

describe('values and their source (R-048, R-049)', () => {
  it('R-048 a write with a provider and path is refused while this release has no providers', async () => {
    const agent = await newAgent();
    const body = { value: planted, provider: 'vault', remotePath: 'kv/prod/x', remoteKey: 'key' };
    const answer = await owner.ask('PUT', `/v1/agents/${agent}/secrets/KEY`, { body });
    expect(answer).toMatchObject({ status: 400, code: 'request_invalid' });
    expect(answer.text).not.toContain(planted);
  });
});
