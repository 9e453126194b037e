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

/** A delivery as it is kept, with the offline starts that used it and are not reported yet. */
export interface KeptDelivery {
  readonly workloadId: string;
  readonly agent: string;
  readonly environment: string;
  /** Milliseconds since 1970. */
  readonly deliveredAt: number;
  readonly hours: number;
  readonly variables: readonly Variable[];
  readonly unreported: readonly string[];
}

// A kept delivery is one file of
//
//   offset   bytes  field
//   0        1      format number, 1
//   1        12     nonce
//   13       n      ciphertext: the delivery as JSON, UTF-8
//   13 + n   16     tag
//
// in base64. AES-256-GCM under HKDF-SHA256 (RFC 5869) of the API key, empty salt, info as below; the
// format number and the words are authenticated. The file's name is a hash under the same key, so the
// folder tells neither agent nor server.
const formatNumber = 1;
const nonceBytes = 12;
const tagBytes = 16;
const info = 'coffer/kept-delivery/1';

const derive = (apiKey: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', apiKey, '', `${info}:${purpose}`, 32));

const pathOf = (folder: string, { apiKey, words }: KeptPlace): string => {
  const name = createHash('sha256')
    .update(derive(apiKey, 'name'))
    .update(JSON.stringify(words))
    .digest('hex');
  return join(folder, name);
};

const bind = (words: readonly string[]): Buffer => Buffer.from(JSON.stringify([formatNumber, ...words]));

export function keepDelivery(folder: string, place: KeptPlace, delivery: KeptDelivery): void {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', derive(place.apiKey, 'seal'), nonce);
  cipher.setAAD(bind(place.words));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(delivery), 'utf8'), cipher.final()]);
  const file = Buffer.concat([Buffer.of(formatNumber), nonce, sealed, cipher.getAuthTag()]);
  writePrivateFile(pathOf(folder, place), file.toString('base64'));
}

/** The delivery kept for these words; undefined where there is none, or none that opens. */
export function findKeptDelivery(folder: string, place: KeptPlace): KeptDelivery | undefined {
  const text = findText(pathOf(folder, place));
  if (text === undefined) return undefined;
  const file = Buffer.from(text, 'base64');
  if (file.byteLength < 1 + nonceBytes + tagBytes || file[0] !== formatNumber) return undefined;
  const nonce = file.subarray(1, 1 + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', derive(place.apiKey, 'seal'), nonce);
  decipher.setAAD(bind(place.words));
  decipher.setAuthTag(file.subarray(file.byteLength - tagBytes));
  try {
    const opened = decipher.update(file.subarray(1 + nonceBytes, file.byteLength - tagBytes));
    return JSON.parse(Buffer.concat([opened, decipher.final()]).toString('utf8')) as KeptDelivery;
  } catch {
    return undefined;
  }
}

export const dropDelivery = (folder: string, place: KeptPlace): void => removeFile(pathOf(folder, place));

function findText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
