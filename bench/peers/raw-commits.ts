import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Measured } from '../load/generate-load.ts';
import { makeFolder } from '../run/coffer-server.ts';

/** As many bytes as a sealed value of 40 characters has. */
const sealedBytes = 73;

const summarize = (tookMs: readonly number[], seconds: number): Measured => {
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { perSecond: sorted.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
};

/** Single-row transactions one after another; an SQLite file has one writer, however many clients. */
export const measureSqliteCommits = (seconds: number): Measured => {
  const folder = makeFolder('raw');
  const database = new DatabaseSync(join(folder, 'raw.db'));
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = full');
  database.exec('create table value (id text primary key, sealed blob not null) strict');
  const insert = database.prepare('insert into value (id, sealed) values (?, ?)');
  const tookMs: number[] = [];
  const startedAt = performance.now();
  for (let now = startedAt; now - startedAt < seconds * 1000;) {
    insert.run(randomBytes(13).toString('hex'), randomBytes(sealedBytes));
    const done = performance.now();
    tookMs.push(done - now);
    now = done;
  }
  database.close();
  rmSync(folder, { recursive: true });
  return summarize(tookMs, seconds);
};

/** Single-row transactions of as many connections as clients. */
export const measurePostgresCommits = async (
  url: string,
  use: { clients: number; seconds: number },
): Promise<Measured> => {
  const setup = new pg.Client({ connectionString: url });
  await setup.connect();
  await setup.query('create table if not exists raw_value (id text primary key, sealed bytea not null)');
  await setup.end();
  const tookMs: number[] = [];
  const endsAt = performance.now() + use.seconds * 1000;
  const insertUntilEnd = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (let now = performance.now(); now < endsAt;) {
      await client.query({
        name: 'insert',
        text: 'insert into raw_value (id, sealed) values ($1, $2)',
        values: [randomBytes(13).toString('hex'), randomBytes(sealedBytes)],
      });
      const done = performance.now();
      tookMs.push(done - now);
      now = done;
    }
    await client.end();
  };
  await Promise.all(Array.from({ length: use.clients }, insertUntilEnd));
  return summarize(tookMs, use.seconds);
};
