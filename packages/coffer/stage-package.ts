// Puts beside the bundle what else goes to npm: `dist/package` is the package, and `npm pack` is run there.
// Its manifest names no workspace package, as all of ours is in the bundle.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const target = join(here, 'dist', 'package');

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

const { name, version, type, license, description, bin, engines } = readManifest(here);
const native = '@lydell/node-pty';

mkdirSync(join(target, 'bin'), { recursive: true });
copyFileSync(join(here, 'bin', 'coffer.cjs'), join(target, 'bin', 'coffer.cjs'));
chmodSync(join(target, 'bin', 'coffer.cjs'), 0o755);
copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
copyFileSync(join(here, 'README.md'), join(target, 'README.md'));
writeFileSync(
  join(target, 'package.json'),
  `${JSON.stringify(
    {
      name,
      version,
      type,
      license,
      description,
      bin,
      engines,
      files: ['bin', 'dist'],
      optionalDependencies: { [native]: readManifest(join(root, 'packages', 'cli')).dependencies[native] },
    },
    undefined,
    2,
  )}\n`,
);
