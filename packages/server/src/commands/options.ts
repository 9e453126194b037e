import type { CommandInput, CommandOption } from '@coffer/contract';
import {
  readConfig,
  serverSettings,
  settingSwitches,
  type ServerConfig,
  type SettingName,
} from '../config.ts';

const values: Partial<Record<SettingName, string>> = {
  'data-dir': 'DIR',
  listen: 'HOST:PORT',
  database: 'URL',
  'database-timeout-seconds': 'SECONDS',
  'root-key-file': 'FILE',
  'audit-head-file': 'FILE',
  'metrics-listen': 'HOST:PORT',
  'tls-cert': 'FILE',
  'tls-key': 'FILE',
  'environment-max-bytes': 'BYTES',
  owner: 'EMAIL',
  organization: 'SLUG',
};

const names = Object.keys(serverSettings) as SettingName[];
const optionOf = (name: SettingName): CommandOption => ({
  name,
  summary: serverSettings[name],
  ...(settingSwitches.has(name) ? {} : { value: values[name] ?? 'VALUE' }),
});

const configOption: CommandOption = {
  name: 'config',
  value: 'FILE',
  summary: 'a settings file (JSON) with the same names',
};

/** Every setting is a flag of `coffer server`. */
export const serverOptions: readonly CommandOption[] = [...names.map(optionOf), configOption];

/** What work on the server's host needs to find the database and its root key. */
export const hostOptions: readonly CommandOption[] = [
  ...(['data-dir', 'database', 'database-timeout-seconds', 'root-key-file', 'audit-head-file'] as const).map(
    optionOf,
  ),
  configOption,
];

export const configOf = (
  input: CommandInput,
  environment: Readonly<Record<string, string | undefined>>,
): ServerConfig => {
  const flags: Partial<Record<SettingName, string>> & { config?: string } = {};
  for (const { name } of serverOptions) {
    const given = input.text(name) ?? (input.has(name) ? 'true' : undefined);
    if (given !== undefined) flags[name as SettingName] = given;
  }
  return readConfig(flags, environment);
};
