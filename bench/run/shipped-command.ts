import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from './arguments.ts';
import { runNpm } from './run-npm.ts';

const root = fileURLToPath(import.meta.resolve('../../'));

/** The command as it is published, built from this checkout; `--built` takes the one that is there. */
export const shippedCommand = join(root, 'packages/coffer/dist/package/bin/coffer.cjs');

if (!isBuilt) runNpm(['run', 'build'], root);
