import type { Command } from '@coffer/contract';
import { hostOptions } from './options.ts';

/** Work on the server's own host, with its data directory and root key. */
export const hostCommands: readonly Command[] = [
  {
    name: 'backup',
    summary: 'Write a consistent copy of the database, while the server runs',
    description:
      'The copy holds sealed values as ciphertext and never the root key: keep that too, elsewhere. On SQLite it is a database file, on PostgreSQL (or with --portable) a snapshot that either engine can restore.',
    arguments: [{ name: 'FILE', summary: 'the file to write, which must not exist' }],
    options: [...hostOptions, { name: 'portable', summary: 'a snapshot that either engine can restore' }],
    examples: [
      'coffer server backup /backup/coffer-2030-01-31.db',
      'coffer server backup --portable coffer.snapshot',
    ],
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    name: 'restore',
    summary: 'Put a backup in the place of the database, after checking it',
    description:
      'Checks tables, root key and audit chains first, on a copy. Nothing is overwritten: a SQLite file that is there is refused, or with --force kept aside; a PostgreSQL database must be empty.',
    arguments: [{ name: 'FILE', summary: 'what coffer server backup wrote' }],
    options: [
      ...hostOptions,
      { name: 'force', summary: 'keep the SQLite file that is there aside as *.before-restore' },
    ],
    examples: ['coffer server restore /backup/coffer-2030-01-31.db'],
    load: async () => (await import('./restore.ts')).restore,
  },
  {
    name: 'rotate-root-key',
    summary: 'wrap every key with a new root key, while the server runs',
    description:
      'Both root keys work until every key is wrapped by the new one. The new key is put into the root key file first; run it again if it was interrupted.',
    options: [
      ...hostOptions,
      {
        name: 'new-root-key-file',
        value: 'FILE',
        summary: 'the new root key; made where the file is missing',
      },
    ],
    examples: ['coffer server rotate-root-key --new-root-key-file /etc/coffer/root-2.key'],
    load: async () => (await import('./rotate-root-key.ts')).rotateRootKey,
  },
  {
    name: 'rotate-data-key',
    summary: 'seal every value again under a new data key, while the server runs',
    description:
      'A value that does not open is left under its older data key and named at the end, with status 1: write it again and destroy that version, or restore it, and run this again with --resume.',
    options: [...hostOptions, { name: 'resume', summary: 'only finish a rotation that was interrupted' }],
    examples: ['coffer server rotate-data-key', 'coffer server rotate-data-key --resume'],
    load: async () => (await import('./rotate-data-key.ts')).rotateDataKey,
  },
  {
    name: 'verify-audit',
    summary: 'check every audit chain, the instance’s own too; status 10 where one is broken',
    description:
      'The instance’s chain holds the refusals that belong to no organization, such as failed logins; whoever holds the data directory and the root key checks it here. Each chain must also reach the head that was kept outside the database.',
    options: hostOptions,
    examples: ['coffer server verify-audit', 'coffer server verify-audit --json'],
    load: async () => (await import('./verify-audit.ts')).verifyAudit,
  },
  {
    name: 'recover-owner',
    summary: 'make a person owner again, with the data directory and the root key',
    arguments: [{ name: 'EMAIL', summary: 'who becomes an owner', completes: 'member' }],
    options: [
      ...hostOptions,
      { name: 'org', value: 'SLUG', summary: 'which organization, where there are several' },
    ],
    examples: ['coffer server recover-owner alice@example.com'],
    load: async () => (await import('./recover-owner.ts')).recoverOwner,
  },
];
