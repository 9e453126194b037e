/**
 * A program for tests: supervises the command in its arguments with one planted value in its environment,
 * as `coffer run` does, without a server. PLANTED holds the value; the rest of its environment is passed on.
 * STOP_ORDER holds the milliseconds after which it is told to stop, if it is to be.
 */
import { writeSync } from 'node:fs';
import { compileRedactor } from '@coffer/redact';
import { findExecutable } from '../executable.ts';
import { prepareMaskedLaunch } from '../launch.ts';
import { type Delivery, supervise } from '../supervise.ts';

const value = process.env['PLANTED'] ?? '';
const stopOrder = process.env['STOP_ORDER'];
const command = process.argv.slice(2);
const [name] = command;
if (name === undefined) throw new Error('no command');
const executable = findExecutable(name, process.env['PATH']);
if (executable.found !== 'yes') throw new Error('no such command');
const prepared = prepareMaskedLaunch();

const start = (): Promise<Delivery> =>
  Promise.resolve({
    variables: [{ name: 'PLANTED', value, masked: true }],
    link: {
      listen: ({ stop }) => {
        if (stopOrder !== undefined) setTimeout(stop, Number(stopOrder));
      },
      end: () => Promise.resolve(true),
      close: () => undefined,
    },
  });

process.exitCode = await supervise({
  start,
  startAgain: start,
  launch: async ({ variables }) => {
    const launch = await prepared;
    const redactor = compileRedactor(variables);
    const environment: Record<string, string> = {};
    for (const [key, text] of Object.entries(process.env)) environment[key] = text ?? '';
    return launch.launch(
      { command: [name, ...command.slice(1)], file: executable.file, environment },
      { openStream: () => Promise.resolve(redactor.stream()) },
    );
  },
  onRotate: 'ignore',
  rotateSignal: 'SIGHUP',
  restart: false,
  stopGraceMs: 1000,
  say: (line) => void writeSync(2, `${line}\n`),
});
