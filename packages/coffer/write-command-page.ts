// Writes docs/cli.md from the command table.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCommandPage } from '@coffer/cli';
import { listCommands } from './src/list-commands.ts';

writeFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'cli.md'),
  await renderCommandPage(await listCommands(undefined)),
);
