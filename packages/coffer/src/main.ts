import { runCommandLine } from '@coffer/cli';
import packageJson from '../package.json' with { type: 'json' };
import { listCommands } from './list-commands.ts';

// No await out here: the bundle is CommonJS.
async function main(): Promise<void> {
  // For a program that runs out of work before it has ended.
  process.exitCode = 1;
  // The loop is empty then, all is written, and the system takes back what Node would take apart piece by piece.
  process.once('beforeExit', () => process.exit());
  const words = process.argv.slice(2);
  process.exitCode = await runCommandLine({
    commands: await listCommands(words[0]),
    words,
    version: packageJson.version,
  });
}

void main();
