import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkHouse, formatViolation } from './check-imports.ts';

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** Writes a small repository that breaks no rule, adds `files` to it, and answers what the check finds. */
function check(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'house-'));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...soundHouse, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return checkHouse(root).map(formatViolation);
}

function manifest(
  name: string,
  dependencies: string[] = [],
  exports: Record<string, string> = { '.': './src/index.ts' },
): string {
  return JSON.stringify({
    name,
    exports,
    dependencies: Object.fromEntries(dependencies.map((key) => [key, '*'])),
  });
}

const soundHouse: Record<string, string> = {
  'package.json': JSON.stringify({
    devDependencies: { vitest: '*', typescript: '*', '@coffer/testkit': '*' },
  }),
  'ARCHITECTURE.md':
    'See `packages/contract/src/index.ts`, `packages/server/src/domain/<noun>/` and `GET /v1/secrets`.',
  'eslint.config.ts': `import ts from 'typescript';`,
  'packages/contract/package.json': manifest('@coffer/contract', ['zod']),
  'packages/contract/src/index.ts': `import { z } from 'zod'; export { code } from './code.ts';`,
  'packages/contract/src/code.ts': `export const code = 1;`,
  'packages/crypto/package.json': manifest('@coffer/crypto'),
  'packages/crypto/src/index.ts': `import 'node:crypto';`,
  'packages/sdk/package.json': manifest('@coffer/sdk', ['@coffer/contract'], {
    '.': './src/index.ts',
    './runner': './src/runner/index.ts',
  }),
  'packages/sdk/src/index.ts': `import '@coffer/contract';`,
  'packages/sdk/src/runner/index.ts': `export {};`,
  'packages/sdk/src/secret.ts': `export {};`,
  'packages/cli/package.json': manifest('@coffer/cli', ['@coffer/sdk']),
  'packages/cli/src/index.ts': `import '@coffer/sdk/runner';`,
  'packages/server/package.json': manifest('@coffer/server', [
    '@coffer/contract',
    '@coffer/crypto',
    'kysely',
  ]),
  'packages/server/src/index.ts': `import './http/app.ts'; import './storage/store.ts';`,
  'packages/server/src/http/app.ts': `import type { Guard } from '../domain/guard/guard.ts';`,
  'packages/server/src/storage/store.ts': `import 'kysely'; import '../domain/guard/guard.ts';`,
  'packages/server/src/domain/guard/guard.ts': `import '@coffer/contract';`,
  'packages/server/src/domain/guard/guard.test.ts': `import 'vitest'; import '@coffer/testkit'; import './guard.ts';`,
  'packages/testkit/package.json': manifest('@coffer/testkit', ['@coffer/server', '@coffer/sdk']),
  'packages/testkit/src/index.ts': `import '@coffer/server'; import '@coffer/sdk';`,
};

describe('the check of imports', () => {
  it('finds nothing in a house that keeps the rules', () => {
    expect(check({})).toEqual([]);
  });

  it('finds an import against the table', () => {
    const found = check({ 'packages/server/src/http/routes.ts': `import { s } from '../storage/store.ts';` });
    expect(found).toEqual([
      'packages/server/src/http/routes.ts:1  direction: server/http may not import server/storage (../storage/store.ts)',
    ]);
  });

  it.each([
    ['import type', `import type { S } from '../storage/store.ts';`],
    ['an import with inline types', `import { type S } from '../storage/store.ts';`],
    ['a re-export', `export * from '../storage/store.ts';`],
    ['a re-exported type', `export type { S } from '../storage/store.ts';`],
    ['a dynamic import', `export const s = () => import('../storage/store.ts');`],
    ['an import type in an annotation', `export let s: import('../storage/store.ts').S;`],
    ['an import assignment', `import s = require('../storage/store.ts');`],
    ['a require', `const s = require('../storage/store.ts');`],
  ])('counts %s', (_, text) => {
    const found = check({ 'packages/server/src/jobs/purge.ts': `\n${text}` });
    expect(found).toEqual([
      'packages/server/src/jobs/purge.ts:2  direction: server/jobs may not import server/storage (../storage/store.ts)',
    ]);
  });

  it('finds an import against the table by public name, in a declared dependency', () => {
    const found = check({
      'packages/server/src/storage/rows.ts': `import type { C } from '@coffer/crypto';`,
    });
    expect(found).toEqual([
      'packages/server/src/storage/rows.ts:1  direction: server/storage may not import crypto (@coffer/crypto)',
    ]);
  });

  it('refuses everything of ours in contract, crypto and redact', () => {
    const found = check({
      'packages/crypto/package.json': manifest('@coffer/crypto', ['@coffer/contract']),
      'packages/crypto/src/seal.ts': `import '@coffer/contract';`,
    });
    expect(found).toEqual([
      'packages/crypto/src/seal.ts:1  direction: crypto may not import contract (@coffer/contract)',
    ]);
  });

  it('lets only tests import testkit', () => {
    const found = check({
      'bench/package.json': manifest('@coffer/bench'),
      'bench/start.ts': `import '@coffer/testkit'; import '@coffer/sdk';`,
      'conformance/package.json': manifest('@coffer/conformance', ['@coffer/sdk']),
      'conformance/start.ts': `import '@coffer/testkit'; import '@coffer/sdk';`,
      'packages/server/src/storage/store-suite.ts': `import '@coffer/testkit'; import 'vitest';`,
    });
    expect(found).toEqual([
      'bench/start.ts:1  direction: imports testkit, which only tests may',
      'bench/start.ts:1  undeclared: imports @coffer/sdk, which bench/package.json does not declare',
    ]);
  });

  it('lets a test import anything public, and nothing by path that its room may not', () => {
    const found = check({
      'packages/server/package.json': manifest('@coffer/server', [
        '@coffer/contract',
        '@coffer/crypto',
        'kysely',
        '@coffer/sdk',
      ]),
      'packages/server/src/http/app.test.ts': `import '@coffer/sdk';\nimport '../storage/store.ts';`,
    });
    expect(found).toEqual([
      'packages/server/src/http/app.test.ts:2  direction: server/http may not import server/storage (../storage/store.ts)',
    ]);
  });

  it('finds an import past the exports of a package', () => {
    const found = check({ 'packages/cli/src/secret.ts': `import '@coffer/sdk/src/secret.ts';` });
    expect(found).toEqual([
      'packages/cli/src/secret.ts:1  deep: imports @coffer/sdk/src/secret.ts, which the exports of @coffer/sdk do not name',
    ]);
  });

  it('finds a path that leads into another package, also in a test', () => {
    const text = `import '../../sdk/src/secret.ts';`;
    const found = check({ 'packages/cli/src/run.ts': text, 'packages/cli/src/run.test.ts': text });
    expect(found.toSorted()).toEqual([
      'packages/cli/src/run.test.ts:1  deep: reaches into packages/sdk by path; import its public name',
      'packages/cli/src/run.ts:1  deep: reaches into packages/sdk by path; import its public name',
    ]);
  });

  it('finds an undeclared dependency, ours or not, and knows the built-in ones', () => {
    const found = check({
      'packages/cli/src/run.ts': `import 'commander';\nimport 'node:fs';\nimport '@coffer/contract';`,
    });
    expect(found).toEqual([
      'packages/cli/src/run.ts:1  undeclared: imports commander, which packages/cli/package.json does not declare',
      'packages/cli/src/run.ts:3  undeclared: imports @coffer/contract, which packages/cli/package.json does not declare',
    ]);
  });

  it('counts development dependencies for tests and tools only', () => {
    const found = check({
      'packages/cli/src/run.ts': `import 'vitest';`,
      'packages/cli/vite.config.ts': `import 'vitest';`,
    });
    expect(found).toEqual([
      'packages/cli/src/run.ts:1  undeclared: imports vitest, which packages/cli/package.json does not declare',
    ]);
  });

  it('finds a computed import in what ships', () => {
    const found = check({ 'packages/cli/src/run.ts': `export const load = (name: string) => import(name);` });
    expect(found).toEqual([
      'packages/cli/src/run.ts:1  computed: imports a computed name, which no check can follow',
    ]);
  });

  it('finds a folder that is no room', () => {
    const found = check({ 'packages/server/src/services/secrets.ts': '', 'packages/billing/plan.ts': '' });
    expect(found.toSorted()).toEqual([
      'packages/billing/plan.ts  room: is in no room of the import table',
      'packages/server/src/services/secrets.ts  room: is in no room of the import table',
    ]);
  });
});

describe('the check of cycles', () => {
  it('finds one, and names the way round it', () => {
    const found = check({
      'packages/crypto/src/seal.ts': `import './nonce.ts';`,
      'packages/crypto/src/nonce.ts': `import { type A } from './key.ts';`,
      'packages/crypto/src/key.ts': `export * from './seal.ts';`,
    });
    expect(found).toEqual([
      expect.stringMatching(
        /cycle: imports itself: (packages\/crypto\/src\/(seal|nonce|key)\.ts( -> )?){4}$/,
      ),
    ]);
  });

  it('follows public names from package to package', () => {
    const found = check({
      'packages/cli/package.json': manifest('@coffer/cli', ['@coffer/sdk']),
      'packages/sdk/package.json': manifest('@coffer/sdk', ['@coffer/contract', '@coffer/cli']),
      'packages/sdk/src/index.ts': `import '@coffer/cli';`,
      'packages/cli/src/index.ts': `import '@coffer/sdk';`,
    });
    expect(found.toSorted()).toEqual([
      expect.stringMatching(/ {2}cycle: imports itself: /),
      'packages/sdk/src/index.ts:1  direction: sdk may not import cli (@coffer/cli)',
    ]);
  });

  it('leaves out imports that are gone at run time', () => {
    const found = check({
      'packages/crypto/src/seal.ts': `import type { Key } from './key.ts';`,
      'packages/crypto/src/key.ts': `import './seal.ts';`,
    });
    expect(found).toEqual([]);
  });
});

describe('the check of names', () => {
  it.each(['utils', 'helpers', 'common', 'misc', 'manager', 'types', 'date-utils', 'secret-fns'])(
    'refuses %s.ts',
    (name) => {
      expect(check({ [`packages/crypto/src/${name}.ts`]: '' })).toEqual([
        `packages/crypto/src/${name}.ts  name: "${name}" does not say what is in it`,
      ]);
    },
  );

  it('refuses such a folder, and a file that is not in kebab-case', () => {
    const found = check({
      'packages/crypto/src/helpers/nonce.ts': '',
      'packages/crypto/src/sealValue.ts': '',
    });
    expect(found.toSorted()).toEqual([
      'packages/crypto/src/helpers/nonce.ts  name: "helpers" does not say what is in it',
      'packages/crypto/src/sealValue.ts  name: is not in kebab-case',
    ]);
  });

  it('lets a product keep its own name', () => {
    expect(check({ 'packages/server/src/providers/aws-secrets-manager.ts': '' })).toEqual([]);
  });
});

describe('the check of ARCHITECTURE.md', () => {
  it('finds paths that do not exist, with their line', () => {
    const page =
      'Rules: `packages/server/src/domain/`\n`packages/server/src/rules/*.ts` `docs/api.md` `SECURITY.md`';
    expect(check({ 'ARCHITECTURE.md': page })).toEqual([
      'ARCHITECTURE.md:2  path: packages/server/src/rules/*.ts does not exist',
      'ARCHITECTURE.md:2  path: docs/api.md does not exist',
      'ARCHITECTURE.md:2  path: SECURITY.md does not exist',
    ]);
  });
});
