import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Load } from './generate-load.ts';

const child = fileURLToPath(import.meta.resolve('./autocannon-child.ts'));

/** The load by autocannon, in a process of its own. */
export const runAutocannon = (load: Load): unknown => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [child, JSON.stringify(load)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`autocannon failed: ${stderr}`);
  return JSON.parse(stdout);
};
