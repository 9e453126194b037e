import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A folder with a package.json. `publicNames` leads from what others may import to the file behind it. */
export interface Package {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  readonly publicNames: ReadonlyMap<string, string>;
}

interface Manifest {
  readonly name?: string;
  readonly exports?: unknown;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

/** Reads the package.json of `folder`, a path from `root` with forward slashes. */
export function readPackage(root: string, folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const { dependencies, optionalDependencies, peerDependencies, devDependencies, name = folder } = manifest;
  const publicNames = new Map<string, string>();
  for (const [key, target] of listExports(manifest.exports)) {
    const file = findFile(target);
    if (file !== undefined) publicNames.set(posix.join(name, key), posix.join(folder, file));
  }
  return {
    folder,
    name,
    dependencies: new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })),
    devDependencies: new Set(Object.keys({ ...devDependencies })),
    publicNames,
  };
}

function listExports(exports: unknown): [string, unknown][] {
  if (typeof exports !== 'object' || exports === null) return [['.', exports]];
  const entries = Object.entries(exports) as [string, unknown][];
  return entries.every(([key]) => key.startsWith('.')) ? entries : [['.', exports]];
}

/** The file that runs: of conditions, the first that is not `types`. */
function findFile(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  const conditions = Object.entries(target) as [string, unknown][];
  return conditions
    .filter(([condition]) => condition !== 'types')
    .map(([, file]) => findFile(file))
    .find((file) => file !== undefined);
}

/** `@coffer/sdk` of `@coffer/sdk/runner`, `pg` of `pg/lib/client`. */
export function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
