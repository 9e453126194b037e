import { hash } from 'node:crypto';
import type { ResolvedSecret } from './port.ts';

/** SHA-256, hex, over the list as a JSON array of [name, secret, slot, version, source], sorted by name. */
export const digestResolution = (secrets: readonly ResolvedSecret[]): string => {
  const rows = secrets.map(({ name, secretId, environment, version, source }) => [
    name,
    secretId,
    environment,
    version,
    source,
  ]);
  rows.sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
  return hash('sha256', JSON.stringify(rows));
};
