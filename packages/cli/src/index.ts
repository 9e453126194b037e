export { commands } from './commands/commands.ts';
export { runCommandLine } from './terminal/run-command-line.ts';
