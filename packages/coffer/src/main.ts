import { runCommandLine } from '@coffer/cli';
import packageJson from '../package.json' with { type: 'json' };
import { listCommands } from './list-commands.ts';

const words = process.argv.slice(2);
process.exitCode = await runCommandLine({
  commands: await listCommands(words[0]),
  words,
  version: packageJson.version,
});
