import { closeSync, openSync, writeSync } from 'node:fs';
import { listForms } from './forms.ts';
import { Random } from './random.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PLANTS = 4_000;
const BLOCK_LINES = 60_000;

export interface NamedValue {
  name: string;
  value: string;
}

/** A place in the text where a form of a value stands between `plant#<id> ` and ` #end`. */
export interface Plant {
  id: number;
  form: string;
  bytes: Buffer;
}

export function makeValues(count: number): NamedValue[] {
  const random = new Random(count);
  return Array.from({ length: count }, (_, index) => ({
    name: `SECRET_${index}`,
    value: random.text(BASE64, 40),
  }));
}

/** Writes about `megabytes` of log lines with plants strewn over them, and returns the plants. */
export function writeLogText(path: string, megabytes: number, values: readonly NamedValue[]): Plant[] {
  const random = new Random(7);
  const lines = Array.from({ length: BLOCK_LINES }, () => makeLine(random));
  const blockBytes = lines.reduce((sum, line) => sum + line.length, 0);
  const blocks = Math.max(1, Math.round((megabytes * 1e6) / blockBytes));
  const perBlock = Math.ceil(PLANTS / blocks);
  const plants: Plant[] = [];
  const file = openSync(path, 'w');
  for (let block = 0; block < blocks; block++) {
    for (let part = 0; part < perBlock; part++) {
      const from = Math.floor((part * BLOCK_LINES) / perBlock) + random.below(20);
      const to =
        Math.floor(((part + 1) * BLOCK_LINES) / perBlock) + (part + 1 === perBlock ? 0 : random.below(20));
      writeSync(file, lines.slice(from, Math.max(from, to)).join(''));
      const plant = makePlant(plants.length, random, values);
      plants.push(plant);
      writeSync(
        file,
        Buffer.concat([Buffer.from(`plant#${plant.id} `), plant.bytes, Buffer.from(' #end\n')]),
      );
    }
  }
  closeSync(file);
  return plants;
}

function makePlant(id: number, random: Random, values: readonly NamedValue[]): Plant {
  const value = values[id % values.length]?.value ?? '';
  const forms = listForms(value, random.text(BASE64, 3));
  const [form, bytes] = forms[Math.floor(id / 2) % forms.length] ?? ['value', Buffer.from(value)];
  return id % 2 === 0 ? { id, form: 'value', bytes: Buffer.from(value) } : { id, form, bytes };
}

function makeLine(random: Random): string {
  const time = new Date(1_700_000_000_000 + random.below(1e9)).toISOString();
  const level = random.pick([
    'info',
    'info',
    'info',
    'debug',
    'warn',
    '\x1b[33mwarn\x1b[0m',
    '\x1b[31merror\x1b[0m',
  ]);
  const hex = random.text('0123456789abcdef', 32);
  const message = random.pick([
    `GET /api/v1/items/${random.below(100_000)} 200 ${random.below(900)}ms`,
    `connection from 10.0.${random.below(256)}.${random.below(256)} closed after ${random.below(10_000)} bytes`,
    `{"user":"u${random.below(5_000)}","action":"update","ok":true,"tags":["alpha","beta"]}`,
    `cache miss for key session:${random.text(BASE64, 24)}`,
    'retrying the request in a moment because the upstream answered with an error we know',
    `    at Object.handle (/srv/app/dist/handlers/${random.pick(['users', 'items', 'orders'])}.js:${random.below(900)}:17)`,
  ]);
  return `${time} ${level} request=${hex} ${message}\n`;
}
