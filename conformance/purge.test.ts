import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { plantValues, type Planted } from './planted-forms.ts';
import { createPlaces, engineNames, openPlace, stopServer } from './reliability/place.ts';

vi.setConfig({ testTimeout: 60_000 });
const places = createPlaces();
afterAll(() => places.removeAll());

describe('R-166 a purge on SQLite', () => {
  it('leaves not even the sealed bytes in the database file and its log', async () => {
    const place = await places.create('sqlite');
    const { server, owner } = await openPlace(place);
    await owner.agents.create({ slug: 'bot' });
    const path = join(place.settings['data-dir'] ?? '', 'coffer.db');
    const [small, large] = [plantValues()[0], plantValues()[1]] as [Planted, Planted];
    const values = [small.value, `${large.value}${'x'.repeat(20_000)}`];
    for (const value of values) {
      await owner.secrets.set('bot', 'TOKEN', value);
      await owner.secrets.set('bot', 'OTHER', value);
    }
    const database = new DatabaseSync(path, { readOnly: true });
    const sealed = database
      .prepare(`select sealed from version join secret on secret.id = secret_id where name = 'TOKEN'`)
      .all()
      .map((row) => Buffer.from(row['sealed'] as Uint8Array));
    database.close();
    const remains = (): number => {
      const files = [path, `${path}-wal`]
        .filter((file) => existsSync(file))
        .map((file) => readFileSync(file));
      // Pieces, as a large value lies on pages that are not beside each other.
      const pieces = sealed.flatMap((bytes) => [bytes.subarray(16, 48), bytes.subarray(-40, -8)]);
      return pieces.filter((piece) => files.some((bytes) => bytes.includes(piece))).length;
    };
    expect(sealed).toHaveLength(2);
    expect(remains()).toBe(4);
    await owner.secrets.delete('bot', 'TOKEN', { purge: true });
    expect(remains()).toBe(0);
    expect(await owner.deliver('bot', 'development')).toMatchObject({ OTHER: values[1] });
    await stopServer(server);
    expect(remains()).toBe(0);
  });
});

describe('R-042 a plain secret that is made sealed on SQLite', () => {
  it('leaves its text neither in the database file nor in its log', async () => {
    const place = await places.create('sqlite');
    const { server, owner } = await openPlace(place);
    await owner.agents.create({ slug: 'bot' });
    const path = join(place.settings['data-dir'] ?? '', 'coffer.db');
    const isThere = (text: string) =>
      [path, `${path}-wal`].filter(existsSync).some((file) => readFileSync(file).includes(text));
    for (const [name, seal] of [
      ['BY_UPDATE', () => owner.secrets.update('bot', 'BY_UPDATE', { kind: 'sealed' })],
      ['BY_SET', () => owner.secrets.set('bot', 'BY_SET', 'another-value', { kind: 'sealed' })],
    ] as const) {
      const text = `${name}-was-a-credential-after-all`;
      await owner.secrets.set('bot', name, text, { kind: 'plain' });
      expect(isThere(text)).toBe(true);
      await seal();
      expect(isThere(text)).toBe(false);
    }
    await stopServer(server);
  });
});

/** Whether this PostgreSQL lets pages be looked at; says in one line that it does not. */
const canSeePages = async (url: string): Promise<boolean> => {
  try {
    await onDatabase(url, (client) => client.query('create extension if not exists pageinspect'));
    return true;
  } catch {
    process.stderr.write(
      'PostgreSQL has no pageinspect here: what a purge leaves in its pages is not tested.\n',
    );
    return false;
  }
};

const onDatabase = async <Result>(
  url: string,
  act: (client: pg.Client) => Promise<Result>,
): Promise<Result> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
};

describe.skipIf(!engineNames.includes('postgres'))('R-166 a purge on PostgreSQL', () => {
  it('leaves no row with the sealed bytes in any page, not even a dead one', async ({ skip }) => {
    const place = await places.create('postgres');
    const { server, owner } = await openPlace(place);
    const url = place.settings['database'] ?? '';
    if (!(await canSeePages(url))) {
      await stopServer(server);
      skip();
    }
    await owner.agents.create({ slug: 'bot' });
    const values = plantValues().flatMap(({ value }) => [value, `${value}${'x'.repeat(20_000)}`]);
    for (const value of values) {
      await owner.secrets.set('bot', 'TOKEN', value);
      await owner.secrets.set('bot', 'OTHER', value);
    }
    const sealed = await onDatabase(url, (client) =>
      client.query<{ sealed: Buffer }>(
        `select sealed from version join secret on secret.id = secret_id where name = 'TOKEN'`,
      ),
    );
    /** How many of the values stand in a row of the table or of its overflow, live or dead. */
    const remains = () =>
      onDatabase(url, async (client) => {
        const found = new Set<number>();
        const tables = await client.query<{ name: string; pages: number }>(
          `select one::regclass::text as name, (pg_relation_size(one) / 8192)::int as pages
             from (select oid as one from pg_class where relname = 'version'
             union select reltoastrelid from pg_class where relname = 'version') as of_version`,
        );
        for (const { name, pages } of tables.rows)
          for (let page = 0; page < pages; page += 1) {
            const items = await client.query<{ data: Buffer | null }>(
              'select t_data as data from heap_page_items(get_raw_page($1, $2))',
              [name, page],
            );
            for (const { data } of items.rows)
              for (const [at, { sealed: bytes }] of sealed.rows.entries())
                if (data?.includes(bytes.subarray(16, 48)) === true) found.add(at);
          }
        return found.size;
      });
    expect(sealed.rows).toHaveLength(values.length);
    expect(await remains()).toBe(values.length);
    await owner.secrets.delete('bot', 'TOKEN', { purge: true });
    expect(await remains()).toBe(0);
    expect(await owner.deliver('bot', 'development')).toMatchObject({ OTHER: values.at(-1) });
    await stopServer(server);
  });
});
