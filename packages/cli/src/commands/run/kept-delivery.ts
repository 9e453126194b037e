import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile, writePrivateFile } from '../../connection/private-file.ts';
import type { Variable } from '../../process/supervise.ts';

/** Which delivery: of which server, for which words of the command line. */
export interface KeptPlace {
  readonly apiKey: string;
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
// in base64. AES-256-GCM under HKDF-SHA256 (RFC 5869) of the API key, empty salt, info as below; the
// format number and the words are authenticated. The name of a delivery's file is a hash under the same
// key, so the folder tells neither agent nor server; a note has a key and a name of its own.
const formatNumber = 1;
const nonceBytes = 12;
const tagBytes = 16;
const info = 'coffer/kept-delivery/1';

const derive = (apiKey: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', apiKey, '', `${info}:${purpose}`, 32));

/** The name of the delivery's file. */
export const nameOf = ({ apiKey, words }: KeptPlace): string =>
  createHash('sha256').update(derive(apiKey, 'name')).update(JSON.stringify(words)).digest('hex');

const pathOf = (folder: string, place: KeptPlace): string => join(folder, nameOf(place));

const bind = (words: readonly string[]): Buffer => Buffer.from(JSON.stringify([formatNumber, ...words]));

type Purpose = 'seal' | 'note';

/** The text of a file that only who has the API key and the words can open. */
export function sealJson({ apiKey, words }: KeptPlace, purpose: Purpose, json: unknown): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', derive(apiKey, purpose), nonce);
  cipher.setAAD(bind(words));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(json), 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(formatNumber), nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** What the file holds; undefined where there is none, or none that opens. */
export function findSealedJson({ apiKey, words }: KeptPlace, purpose: Purpose, path: string): unknown {
  const text = findText(path);
  if (text === undefined) return undefined;
  const file = Buffer.from(text, 'base64');
  if (file.byteLength < 1 + nonceBytes + tagBytes || file[0] !== formatNumber) return undefined;
  const nonce = file.subarray(1, 1 + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', derive(apiKey, purpose), nonce);
  decipher.setAAD(bind(words));
  decipher.setAuthTag(file.subarray(file.byteLength - tagBytes));
  try {
    const opened = decipher.update(file.subarray(1 + nonceBytes, file.byteLength - tagBytes));
    return JSON.parse(Buffer.concat([opened, decipher.final()]).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

export const keepDelivery = (folder: string, place: KeptPlace, delivery: KeptDelivery): void =>
  writePrivateFile(pathOf(folder, place), sealJson(place, 'seal', delivery));

/** The delivery kept for these words; undefined where there is none, or none that opens. */
export const findKeptDelivery = (folder: string, place: KeptPlace): KeptDelivery | undefined =>
  findSealedJson(place, 'seal', pathOf(folder, place)) as KeptDelivery | undefined;

export const dropDelivery = (folder: string, place: KeptPlace): void => removeFile(pathOf(folder, place));

function findText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
