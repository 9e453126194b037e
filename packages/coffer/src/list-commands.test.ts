import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCommandPage } from '@coffer/cli';
import { describe, expect, it } from 'vitest';
import { listCommands } from './list-commands.ts';

describe('the command list', () => {
  it('has the server’s commands where no other is meant, and does not load them else', async () => {
    expect((await listCommands('server')).map(({ name }) => name)).toContain('server');
    expect((await listCommands('secret')).map(({ name }) => name)).not.toContain('server');
  });

  it('docs/cli.md is what the table says; `npm run generate:cli` writes it', async () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md'), 'utf8');
    expect(page).toBe(await renderCommandPage(await listCommands(undefined)));
  });
});
