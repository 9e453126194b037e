import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile, writePrivateFile } from '../../connection/private-file.ts';
import { listFolder } from '../../process/list-folder.ts';
import type { Variable } from '../../process/supervise.ts';

/** Which delivery: of which server, for which words of the command line. */
export interface KeptPlace {
  readonly apiKey: string;
  /** Its address. */
  readonly server: string;
  readonly words: readonly string[];
}

/** A delivery as it is kept. */
export interface KeptDelivery {
  readonly workloadId: string;
  readonly agent: string;
  readonly environment: string;
  /** Milliseconds since 1970. */
  readonly deliveredAt: number;
  readonly hours: number;
  readonly variables: readonly Variable[];
}

// A kept delivery is one file, and so is each note of a start that used it, of
//
//   offset   bytes  field
//   0        1      format number, 1
//   1        12     nonce
//   13       n      ciphertext: the delivery or note as JSON, UTF-8
//   13 + n   16     tag
//
// in base64. AES-256-GCM under HKDF-SHA256 (RFC 5869) of the API key, empty salt, info as below; format
// number, server and words are authenticated. A delivery's file has one line before: the milliseconds since
// 1970 after which it is swept, also by who cannot open it. Its name is two hashes under the same key, of the
// server and of the words, so the folder tells neither agent nor server, and all of one API key is found by
// the first; a note has a key and a name of its own.
const formatNumber = 1;
const nonceBytes = 12;
const tagBytes = 16;
const hourMs = 3_600_000;
const info = 'coffer/kept-delivery/1';

const derive = (apiKey: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', apiKey, '', `${info}:${purpose}`, 32));

/** The same for all spellings of one address. */
const originOf = ({ server }: KeptPlace): string => URL.parse(server)?.href ?? server;

const hashOf = ({ apiKey }: KeptPlace, words: readonly string[]): string =>
  createHash('sha256').update(derive(apiKey, 'name')).update(JSON.stringify(words)).digest('hex');

/** What the names of all files of this API key and server begin with. */
const prefixOf = (place: KeptPlace): string => `${hashOf(place, [originOf(place)])}.`;

/** The name of the delivery's file. */
export const nameOf = (place: KeptPlace): string =>
  `${prefixOf(place)}${hashOf(place, [originOf(place), ...place.words])}`;

/** Deliveries, and drafts of them that a crash left behind; no notes. */
const listDeliveries = (folder: string): readonly string[] =>
  listFolder(folder).filter((name) => /^[0-9a-f]{64}\.[0-9a-f]{64}(\.[0-9a-f-]{36})?$/.test(name));

const pathOf = (folder: string, place: KeptPlace): string => join(folder, nameOf(place));

const bind = (place: KeptPlace): Buffer =>
  Buffer.from(JSON.stringify([formatNumber, originOf(place), ...place.words]));

type Purpose = 'seal' | 'note';

/** The text of a file that only who has the API key and the words can open. */
export function sealJson(place: KeptPlace, purpose: Purpose, json: unknown): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', derive(place.apiKey, purpose), nonce);
  cipher.setAAD(bind(place));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(json), 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(formatNumber), nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** What the file holds; undefined where there is none, or none that opens. */
export function findSealedJson(place: KeptPlace, purpose: Purpose, path: string): unknown {
  const text = findText(path);
  if (text === undefined) return undefined;
  const file = Buffer.from(text.slice(text.lastIndexOf('\n') + 1), 'base64');
  if (file.byteLength < 1 + nonceBytes + tagBytes || file[0] !== formatNumber) return undefined;
  const nonce = file.subarray(1, 1 + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', derive(place.apiKey, purpose), nonce);
  decipher.setAAD(bind(place));
  decipher.setAuthTag(file.subarray(file.byteLength - tagBytes));
  try {
    const opened = decipher.update(file.subarray(1 + nonceBytes, file.byteLength - tagBytes));
    return JSON.parse(Buffer.concat([opened, decipher.final()]).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

export const endOf = ({ deliveredAt, hours }: KeptDelivery): number => deliveredAt + hours * hourMs;

export const keepDelivery = (folder: string, place: KeptPlace, delivery: KeptDelivery): void =>
  writePrivateFile(pathOf(folder, place), `${endOf(delivery)}\n${sealJson(place, 'seal', delivery)}`);

/** The delivery kept for these words; undefined where there is none, or none that opens. */
export const findKeptDelivery = (folder: string, place: KeptPlace): KeptDelivery | undefined =>
  findSealedJson(place, 'seal', pathOf(folder, place)) as KeptDelivery | undefined;

export const dropDelivery = (folder: string, place: KeptPlace): void => removeFile(pathOf(folder, place));

/** Whatever was kept for this API key and server. */
export function dropDeliveries(folder: string, place: KeptPlace): void {
  const prefix = prefixOf(place);
  for (const name of listDeliveries(folder)) if (name.startsWith(prefix)) removeFile(join(folder, name));
}

/** Deliveries of any API key that are past their age. */
export function sweepDeliveries(folder: string, now: number): void {
  for (const name of listDeliveries(folder)) {
    const [end] = findText(join(folder, name))?.split('\n', 1) ?? [];
    // One whose age cannot be read is of no use either.
    if (end !== undefined && !(Number(end) >= now)) removeFile(join(folder, name));
  }
}

function findText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
