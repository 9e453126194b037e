/**
 * Who may import whom: the table of section 3 of the design, as data. `import type` counts.
 * House rules: every code file is in exactly one room; a room may always import itself; there is no list of exceptions.
 */
export interface Room {
  readonly name: string;
  /** Globs from the repository's root; `*` stays in one folder. */
  readonly files: readonly string[];
  /** Names of rooms; `public` means any package, by a name that its `exports` declares, but for testkit. */
  readonly mayImport: readonly string[];
  /** `never` rooms are tools of this repository: what they import may be a development dependency. */
  readonly ships: 'always' | 'never';
}

const domainOnly = ['server/domain'];

export const rooms: readonly Room[] = [
  { name: 'contract', files: ['packages/contract/**'], mayImport: [], ships: 'always' },
  { name: 'crypto', files: ['packages/crypto/**'], mayImport: [], ships: 'always' },
  { name: 'redact', files: ['packages/redact/**'], mayImport: [], ships: 'always' },
  { name: 'sdk', files: ['packages/sdk/**'], mayImport: ['contract'], ships: 'always' },
  { name: 'cli', files: ['packages/cli/**'], mayImport: ['sdk', 'contract', 'redact'], ships: 'always' },
  { name: 'coffer', files: ['packages/coffer/**'], mayImport: ['cli', 'server'], ships: 'always' },
  { name: 'console', files: ['packages/console/**'], mayImport: ['sdk', 'contract'], ships: 'always' },
  {
    name: 'gateway',
    files: ['packages/gateway/**'],
    mayImport: ['contract', 'sdk', 'redact'],
    ships: 'always',
  },
  {
    name: 'server/domain',
    files: ['packages/server/src/domain/**'],
    mayImport: ['contract', 'crypto'],
    ships: 'always',
  },
  { name: 'server/files', files: ['packages/server/src/files/**'], mayImport: [], ships: 'always' },
  {
    name: 'server/storage',
    files: ['packages/server/src/storage/**'],
    mayImport: [...domainOnly, 'server/files'],
    ships: 'always',
  },
  {
    name: 'server/keys',
    files: ['packages/server/src/keys/**'],
    mayImport: [...domainOnly, 'server/files', 'crypto'],
    ships: 'always',
  },
  {
    name: 'server/providers',
    files: ['packages/server/src/providers/**'],
    mayImport: domainOnly,
    ships: 'always',
  },
  {
    name: 'server/http',
    files: ['packages/server/src/http/**'],
    mayImport: [...domainOnly, 'contract'],
    ships: 'always',
  },
  {
    name: 'server/jobs',
    files: ['packages/server/src/jobs/**'],
    mayImport: [...domainOnly, 'contract'],
    ships: 'always',
  },
  {
    // Only wires. It may import contract because its commands are data of a type in contract.
    name: 'server',
    files: ['packages/server/*', 'packages/server/src/*', 'packages/server/src/commands/**'],
    mayImport: [
      'server/domain',
      'server/files',
      'server/storage',
      'server/keys',
      'server/providers',
      'server/http',
      'server/jobs',
      'redact',
      'contract',
    ],
    ships: 'always',
  },
  { name: 'testkit', files: ['packages/testkit/**'], mayImport: ['public'], ships: 'never' },
  { name: 'conformance', files: ['conformance/**'], mayImport: ['public'], ships: 'never' },
  { name: 'bench', files: ['bench/**'], mayImport: ['public'], ships: 'never' },
  { name: 'demo', files: ['demo/**'], mayImport: ['public'], ships: 'never' },
  { name: 'scripts', files: ['scripts/**', '*'], mayImport: ['public'], ships: 'never' },
];

/** Tests may also import testkit and anything public. A suite is a test that several test files run; folders `planted` and `testing` hold what tests share. */
export const testFiles: readonly string[] = [
  '**/*.test.ts',
  '**/*.test.tsx',
  '**/*-suite.ts',
  '**/planted/**',
  '**/testing/**',
  'conformance/**',
];

/** Read by a tool of this repository, never by the product: development dependencies count. */
export const toolFiles: readonly string[] = ['**/*.config.ts'];
