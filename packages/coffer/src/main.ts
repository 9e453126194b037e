import { commands, runCommandLine } from '@coffer/cli';
import packageJson from '../package.json' with { type: 'json' };

process.exitCode = await runCommandLine({
  commands,
  words: process.argv.slice(2),
  version: packageJson.version,
});
