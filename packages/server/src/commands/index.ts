import type { Command } from '@coffer/contract';
import { serverOptions } from './options.ts';

/** What the server package adds to the command line: `coffer server` and the work on its own host. */
export const serverCommands: readonly Command[] = [
  {
    name: 'server',
    summary: 'run the server: API and the runners’ links',
    description:
      'The first start on an empty database makes the root key, an organization and its first owner, and says where they are.',
    options: serverOptions,
    examples: ['coffer server', 'coffer server --listen 127.0.0.1:7373 --data-dir /var/lib/coffer'],
    load: async () => (await import('./serve.ts')).serve,
    commands: async () => (await import('./host.ts')).hostCommands,
  },
];
