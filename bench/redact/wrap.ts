// Runs a command and passes its output on, masked or (without a values file) as it is: what `coffer run` does on
// pipes, and nothing else, so that the peers' whole commands are compared with a whole command.
//
//   node wrap.ts <values file, or -> <all | values> <command> [argument...]
import { compileRedactor, type NamedValue } from '@coffer/redact';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [valuesFile = '-', found = 'all', command = 'true', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });

if (valuesFile === '-') {
  child.stdout.pipe(process.stdout);
} else {
  const values = JSON.parse(readFileSync(valuesFile, 'utf8')) as NamedValue[];
  const stream = compileRedactor(values, { encodings: found === 'all' }).stream();
  child.stdout.on('data', (chunk: Buffer) => {
    if (process.stdout.write(stream.write(chunk))) return;
    child.stdout.pause();
    process.stdout.once('drain', () => child.stdout.resume());
  });
  child.stdout.on('end', () => process.stdout.write(stream.flush()));
}
