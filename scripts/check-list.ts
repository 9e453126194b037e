import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, runCommand } from './run-command.ts';

export interface Check {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

const generatedFiles = [
  'docs/errors.md',
  'docs/api.md',
  'docs/rights.md',
  'docs/policy.md',
  'packages/redact/src/skim-module.ts',
];
const cache = 'node_modules/.cache';

/** The checks that this checkout can have, longest first. */
export function listChecks(root: string): Check[] {
  const command = (name: string, words: string): Check => ({
    name,
    run: () => runCommand(root, words.split(' ')),
  });
  return [
    command(
      'lint',
      `eslint . --max-warnings 0 --cache --cache-strategy content --cache-location ${cache}/eslint/`,
    ),
    command(
      'types',
      `tsc --noEmit -p tsconfig.json --incremental --tsBuildInfoFile ${cache}/tsc/tsconfig.tsbuildinfo`,
    ),
    command('format', 'prettier --check . --cache'),
    command('imports', 'node scripts/check-imports.ts'),
    command('unused', 'knip --no-progress --no-config-hints'),
    ...(readManifest(root).scripts?.['generate'] === undefined ? [] : [checkGenerated(root)]),
    ...listPublishable(root).map((folder) => checkPackage(root, folder)),
  ];
}

/** What is generated is checked in as `npm run generate` writes it. */
function checkGenerated(root: string): Check {
  const read = (): string[] =>
    generatedFiles.map((path) =>
      existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '',
    );
  return {
    name: 'generated',
    run: async () => {
      const before = read();
      const generation = await runCommand(root, ['npm', 'run', 'generate']);
      if (!generation.ok) return generation;
      const after = read();
      const changed = generatedFiles.filter((_, index) => before[index] !== after[index]);
      const output = `out of date, now written: ${changed.join(', ')}. Commit the change.`;
      return { ok: changed.length === 0, output };
    },
  };
}

/** Builds a package that goes to npm and checks what would be packed. */
function checkPackage(root: string, folder: string): Check {
  return {
    name: 'package',
    run: async () => {
      const build = await runCommand(root, ['npm', 'run', 'build', '--if-present', '--workspace', folder]);
      return build.ok ? runCommand(root, ['publint', '--strict', folder]) : build;
    },
  };
}

function listPublishable(root: string): string[] {
  return readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .filter((folder) => readManifest(join(root, folder)).private !== true);
}

interface Manifest {
  readonly private?: boolean;
  readonly scripts?: Record<string, string>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
