#!/usr/bin/env node
// Plain JavaScript that any Node of the last years parses: it says so where Node is too old for the rest.
// CommonJS, as the bundle is: import statements read every export of a module of Node, and load what nobody uses.
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const { join } = require('node:path');

const needed = 24;

if (Number(process.versions.node.split('.')[0]) < needed) {
  process.stderr.write(`Coffer needs Node ${needed} or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
} else {
  // Not in the shared folder for temporary files, where somebody else could put code for us to run.
  enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'coffer', 'code'));
  // In a clone the sources run as they are; the published package has the bundle.
  if (existsSync(join(__dirname, '..', 'src', 'main.ts'))) void import('../src/main.ts');
  else require('../dist/main.cjs');
}
