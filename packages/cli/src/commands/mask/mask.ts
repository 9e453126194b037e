import { isatty } from 'node:tty';
import type { CommandAction } from '@coffer/contract';
import { compileRedactor } from '@coffer/redact';
import { startWorkload } from '@coffer/sdk/runner';
import { readClientOptions } from '../../connection/client-options.ts';
import { maskStandardInput } from '../../process/mask-input.ts';
import { sayAdvice } from '../say-advice.ts';
import { readTarget } from '../run/read-options.ts';

export const maskInput: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const client = readClientOptions(given, terminal);
  const started = await startWorkload(client, { ...target, output: 'filter', invocation: true });
  sayAdvice(terminal, started.advice);
  const redactor = compileRedactor(started.variables.filter(({ masked }) => masked));
  // Ctrl-C is for the program before us in the pipeline: what it still has to say goes through.
  if (!isatty(0)) process.on('SIGINT', () => undefined);
  const status = await maskStandardInput(redactor.stream());
  await started.link.end(status);
  return status;
};
