// A process of its own: the least that a durable start can be, with nobody who decides. hono reads the request's
// JSON; what arrives in one turn of the event loop shares one SQLite transaction (synchronous=FULL), to which each
// adds an event under an HMAC chain; then each opens one AES-256-GCM box and answers with what was in it.
//
//   node bare-start.ts <bytes of the answer> <database file>
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const [bytes = '', path = ''] = process.argv.slice(2);
const key = createSecretKey(randomBytes(32));
const headers = { 'content-type': 'application/json; charset=utf-8' };

const nonce = randomBytes(12);
const cipher = createCipheriv('aes-256-gcm', key, nonce);
const sealed = Buffer.concat([
  cipher.update(JSON.stringify({ filler: 'x'.repeat(Number(bytes)) })),
  cipher.final(),
]);
const tag = cipher.getAuthTag();
const open = (): string => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(tag);
  const opened = decipher.update(sealed);
  decipher.final();
  return opened.toString();
};

const database = new DatabaseSync(path);
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = full;
  create table event (sequence integer primary key, id text not null, body text not null, mac blob not null) strict`);
const insert = database.prepare('insert into event (sequence, id, body, mac) values (?, ?, ?, ?)');
let sequence = 0;
let mac = Buffer.alloc(32);
let waiting: { readonly asked: unknown; readonly stored: () => void }[] = [];

const storeAll = (): void => {
  const batch = waiting;
  waiting = [];
  database.exec('begin immediate');
  for (const { asked } of batch) {
    sequence += 1;
    const id = randomUUID();
    const body = JSON.stringify([id, sequence, Date.now(), asked]);
    mac = createHmac('sha256', key).update(mac).update(body).digest();
    insert.run(sequence, id, body, mac);
  }
  database.exec('commit');
  for (const { stored } of batch) stored();
};

const app = new Hono();
app.post('*', async (context) => {
  const asked: unknown = await context.req.json();
  await new Promise<void>((stored) => {
    if (waiting.length === 0) setImmediate(storeAll);
    waiting.push({ asked, stored });
  });
  return context.body(open(), 201, headers);
});
serve({ fetch: app.fetch.bind(app), hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
