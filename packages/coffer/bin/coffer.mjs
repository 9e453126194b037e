#!/usr/bin/env node
// Plain JavaScript that any Node of the last years parses: it says so where Node is too old for the rest.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const needed = 24;

if (Number(process.versions.node.split('.')[0]) < needed) {
  process.stderr.write(`Coffer needs Node ${needed} or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
} else {
  // Not in the shared folder for temporary files, where somebody else could put code for us to run.
  module.enableCompileCache?.(
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'coffer', 'code'),
  );
  // In a clone the sources run as they are; the published package has the bundle.
  await (existsSync(new URL('../src/main.ts', import.meta.url))
    ? import('../src/main.ts')
    : import('../dist/main.js'));
}
