import type { RunnableCommand } from '@coffer/contract';
import { runFailure } from '../../process/exit-status.ts';
import { rotateSignals } from '../../process/rotate-signals.ts';
import { agentOption, environmentOption, organizationOption } from '../options.ts';
import { runCommand } from './run.ts';

export const run: RunnableCommand = {
  name: 'run',
  summary: 'start a command with the secrets of an agent in its environment',
  description: [
    'Values are kept in memory only, and masked as [masked:NAME] in all output. If any of them cannot be',
    'resolved nothing is started. The command gets this environment less every COFFER_* and every name that',
    'looks like a credential; on stderr stands what was left out.',
    '',
    'The exit status is the command’s, 128 + N if signal N ended it; 125 if Coffer failed, 126 if the command',
    'cannot be executed, 127 if it is not found.',
    '',
    'Agent and environment may stand in coffer.json, {"agent": "...", "environment": "..."}, here or above.',
  ].join('\n'),
  options: [
    agentOption,
    environmentOption,
    organizationOption,
    {
      name: 'only',
      value: 'NAME',
      repeatable: true,
      completes: 'received',
      summary: 'deliver this secret, not all',
    },
    { name: 'preview', summary: 'show what would be delivered, without values, and start nothing' },
    {
      name: 'pass-env',
      value: 'NAME',
      repeatable: true,
      summary: 'let this variable of the environment through',
    },
    { name: 'inherit-env', summary: 'let all of the environment through but COFFER_*' },
    {
      name: 'clean-env',
      summary: 'let only PATH, HOME, SHELL, TERM, LANG, LC_*, TZ, TMPDIR and USER through',
    },
    { name: 'no-mask', summary: 'do not mask the output (policy unmasked_runs)' },
    { name: 'exec', summary: 'become the command, unmasked and without a link (policy unmasked_runs)' },
    {
      name: 'on-rotate',
      value: 'WHAT',
      choices: ['ignore', 'restart', 'signal'],
      summary: 'what to do when a delivered secret gets a new value; ignore unless told otherwise',
    },
    {
      name: 'rotate-signal',
      value: 'SIGNAL',
      choices: rotateSignals,
      summary: 'the signal of --on-rotate signal; SIGHUP unless told otherwise',
    },
    { name: 'restart', summary: 'start again when `coffer agent restart` says so' },
    {
      name: 'stop-grace',
      value: 'SECONDS',
      summary: 'time between SIGTERM and SIGKILL at a stop; 10 unless told otherwise',
    },
  ],
  examples: [
    'coffer run --agent support-bot --env staging -- node agent.js',
    'coffer run --agent support-bot --preview',
    'coffer run --agent support-bot --on-rotate restart -- python3 worker.py',
  ],
  passesOn: true,
  failureStatus: runFailure.failed,
  load: () => Promise.resolve(runCommand),
};
