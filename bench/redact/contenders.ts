import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NamedValue } from './log-text.ts';

export interface Contender {
  name: string;
  version: string;
  command: string[];
  env: Record<string, string>;
}

const here = import.meta.dirname;
const bin = (name: string): string => join(here, 'node_modules', '.bin', name);

/** Writes what each program reads its values from into `folder`, and says how each is started to print `text`. */
export function prepareContenders(folder: string, values: readonly NamedValue[], text: string): Contender[] {
  const valuesFile = join(folder, 'values.json');
  writeFileSync(valuesFile, JSON.stringify(values));
  writeFileSync(join(folder, '.env'), values.map(({ name, value }) => `${name}="${value}"\n`).join(''));
  const schema = [
    '# @defaultSensitive=true @defaultRequired=false',
    '# ---',
    ...values.map(({ name }) => `${name}=`),
  ];
  writeFileSync(join(folder, '.env.schema'), schema.join('\n') + '\n');
  const wrap = [process.execPath, fileURLToPath(import.meta.resolve('./wrap.ts'))];
  const cat = ['cat', text];
  return [
    { name: 'pass-through', version: process.version, command: [...wrap, '-', 'all', ...cat], env: {} },
    { name: 'coffer', version: 'this', command: [...wrap, valuesFile, 'all', ...cat], env: {} },
    {
      name: 'coffer, no encodings',
      version: 'this',
      command: [...wrap, valuesFile, 'values', ...cat],
      env: {},
    },
    {
      name: 'dotenvx',
      version: versionOf('@dotenvx/dotenvx'),
      command: [bin('dotenvx'), 'run', '-q', '--redact', '--', ...cat],
      env: {},
    },
    {
      name: 'varlock',
      version: versionOf('varlock'),
      command: [bin('varlock'), 'run', '--redact-stdout', '--', ...cat],
      env: { VARLOCK_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    },
  ];
}

function versionOf(name: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8'),
  );
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '?';
}
