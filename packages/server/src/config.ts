import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { CofferError, isSlug, MemberCreate, nearestSlug, processEnvironmentMaxBytes } from '@coffer/contract';
import { isLoopbackIPv4 } from './domain/loopback.ts';

/** Every setting of the server, by its flag; also `COFFER_<NAME>` in the environment and a key of the settings file. */
export const serverSettings = {
  'data-dir': 'where the embedded database and login challenges are kept',
  listen: 'address and port of the API',
  database: 'a PostgreSQL URL, instead of the embedded SQLite',
  'database-timeout-seconds': 'a PostgreSQL that leaves a question open for so long counts as lost',
  'root-key-file': 'the root key, outside the data directory',
  'audit-head-file': 'where the heads of the audit chains are written',
  'metrics-listen': 'address and port of Prometheus metrics; off by default',
  'tls-cert': 'certificate file (PEM); reloaded when it changes',
  'tls-key': 'private key file (PEM)',
  'trusted-proxy': 'a proxy in front ends TLS and tells the caller’s address',
  'insecure-http': 'serve plain HTTP beyond loopback',
  'environment-max-bytes': 'largest environment of one process',
  owner: 'email of the first owner, at the first start',
  organization: 'slug of the first organization, at the first start',
} as const;

export type SettingName = keyof typeof serverSettings;
export const settingSwitches: ReadonlySet<SettingName> = new Set(['trusted-proxy', 'insecure-http']);

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ServerConfig {
  readonly dataDir: string;
  readonly listen: Address;
  readonly database: { sqlite: { path: string } } | { postgres: { url: string }; timeoutMs: number };
  readonly rootKeyFile: string;
  /** The root key itself, from `COFFER_ROOT_KEY`; then no file is read. */
  readonly rootKeyText: string | undefined;
  readonly auditHeadFile: string;
  readonly metricsListen: Address | undefined;
  readonly tls: { cert: string; key: string } | undefined;
  readonly trustedProxy: boolean;
  readonly insecureHttp: boolean;
  readonly environmentMaxBytes: number;
  readonly owner: string;
  readonly organization: string;
  /** Those of the first start that were named, not left to their defaults. */
  readonly named: { readonly owner: string | undefined; readonly organization: string | undefined };
}

type Given = Readonly<Partial<Record<SettingName, string>>>;
type Environment = Readonly<Record<string, string | undefined>>;

const usage = (detail: string, hint: string): CofferError => new CofferError('usage_error', { detail, hint });

const parseAddress = (text: string, name: SettingName): Address => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw usage(`--${name} is not an address.`, 'Give HOST:PORT, such as 127.0.0.1:7373.');
  return { host: match[1] ?? match[2] ?? '', port };
};

const parseSeconds = (text: string, name: SettingName): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw usage(`--${name} is not a number of seconds.`, 'Give 1 to 9999.');
  return Number(text);
};

const parseBytes = (text: string, name: SettingName): number => {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw usage(`--${name} is not a number of bytes.`, 'Give 1 to 999999999.');
  return Number(text);
};

/** The first owner, as `member create` takes one: it stays for good, so a slip must not make it. */
const parseOwner = (text: string | undefined): string | undefined => {
  const isEmail = (email: string): boolean => MemberCreate.shape.email.safeParse(email).success;
  if (text === undefined || isEmail(text)) return text?.toLowerCase();
  const near = [text.trim(), `${text.trim()}@example.com`].find(isEmail) ?? 'you@example.com';
  throw usage('--owner is not an email address.', `Give one such as ${near.toLowerCase()}.`);
};

const parseOrganization = (text: string | undefined): string | undefined => {
  if (text === undefined || isSlug(text)) return text;
  throw usage(
    '--organization is not a slug: lower-case letters, digits and single hyphens between them, at most 63.',
    `Give one such as ${nearestSlug(text) ?? 'acme'}.`,
  );
};

const fileInvalid = (
  path: string,
  what: string,
  more: { hint?: string; cause?: unknown } = {},
): CofferError =>
  new CofferError(
    'file_invalid',
    { detail: `The settings file ${path} ${what}.`, ...(more.hint !== undefined && { hint: more.hint }) },
    { cause: more.cause },
  );

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw fileInvalid(path, `cannot be read (${code ?? 'unknown'})`, { cause: error });
    const hint = 'It is named by --config, or else by COFFER_CONFIG.';
    throw fileInvalid(path, 'is missing', { hint, cause: error });
  }
};

const parseObject = (path: string, text: string): object => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw fileInvalid(path, 'cannot be read as JSON', { cause: error });
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw fileInvalid(path, 'holds no JSON object', { hint: 'Such as: { "listen": "127.0.0.1:7373" }' });
};

/** An error names a key and never a value, which may be a password. */
const readSettingsFile = (path: string | undefined): Given => {
  if (path === undefined) return {};
  const settings: Partial<Record<SettingName, string>> = {};
  for (const [name, value] of Object.entries(parseObject(path, readText(path)))) {
    if (!Object.hasOwn(serverSettings, name)) {
      const hint = `Settings are: ${Object.keys(serverSettings).join(', ')}.`;
      throw fileInvalid(path, `holds ${JSON.stringify(name)}, which is no setting`, { hint });
    }
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      const hint = 'Give a text, a number, true or false.';
      throw fileInvalid(path, `holds something else under ${name} than a setting can be`, { hint });
    }
    settings[name as SettingName] = String(value);
  }
  return settings;
};

const isLoopback = ({ host }: Address): boolean =>
  host === 'localhost' || host === '::1' || isLoopbackIPv4(host);

const folder = (environment: Environment, variable: string, fallback: string): string =>
  join(environment[variable] ?? join(homedir(), fallback), 'coffer');

const databaseOf = (
  url: string | undefined,
  { dataDir, timeoutSeconds }: { dataDir: string; timeoutSeconds: number },
): ServerConfig['database'] => {
  if (url === undefined) return { sqlite: { path: join(dataDir, 'coffer.db') } };
  if (/^postgres(ql)?:\/\//.test(url)) return { postgres: { url }, timeoutMs: timeoutSeconds * 1_000 };
  throw usage(
    '--database is not a PostgreSQL URL.',
    'Give postgres://user@host:5432/name, or leave it out for SQLite.',
  );
};

/** Settings from flags, then the environment, then the settings file, then defaults. Throws `usage_error`. */
export const readConfig = (
  flags: Given & { config?: string | undefined },
  environment: Environment,
): ServerConfig => {
  const file = readSettingsFile(flags.config ?? environment['COFFER_CONFIG']);
  const get = (name: SettingName): string | undefined => {
    const variable = environment[`COFFER_${name.toUpperCase().replaceAll('-', '_')}`];
    // A compose file gives an empty variable for one that is not set; that must not open plain HTTP.
    return flags[name] ?? (variable === '' ? undefined : variable) ?? file[name];
  };
  const isOn = (name: SettingName): boolean => ['', '1', 'true', 'yes'].includes(get(name) ?? 'off');
  const dataDir = resolve(get('data-dir') ?? folder(environment, 'XDG_DATA_HOME', '.local/share'));
  const configFolder = folder(environment, 'XDG_CONFIG_HOME', '.config');
  const rootKeyFile = resolve(get('root-key-file') ?? join(configFolder, 'root.key'));
  const cert = get('tls-cert');
  const key = get('tls-key');
  if ((cert === undefined) !== (key === undefined)) {
    throw usage('TLS needs both a certificate and a key.', 'Give --tls-cert and --tls-key.');
  }
  const metrics = get('metrics-listen');
  const timeoutName = 'database-timeout-seconds';
  const timeoutSeconds = parseSeconds(get(timeoutName) ?? '30', timeoutName);
  const limitName = 'environment-max-bytes';
  const named = { owner: parseOwner(get('owner')), organization: parseOrganization(get('organization')) };
  const config: ServerConfig = {
    dataDir,
    listen: parseAddress(get('listen') ?? '127.0.0.1:7373', 'listen'),
    database: databaseOf(get('database'), { dataDir, timeoutSeconds }),
    rootKeyFile,
    rootKeyText: environment['COFFER_ROOT_KEY'],
    auditHeadFile: resolve(get('audit-head-file') ?? `${rootKeyFile}.audit-heads.json`),
    metricsListen: metrics === undefined ? undefined : parseAddress(metrics, 'metrics-listen'),
    tls: cert === undefined || key === undefined ? undefined : { cert: resolve(cert), key: resolve(key) },
    trustedProxy: isOn('trusted-proxy'),
    insecureHttp: isOn('insecure-http'),
    environmentMaxBytes: parseBytes(get(limitName) ?? String(processEnvironmentMaxBytes), limitName),
    owner: named.owner ?? 'owner@coffer.local',
    organization: named.organization ?? 'default',
    named,
  };
  refuseOpenHttp(config);
  return config;
};

/** without TLS the API stays on loopback, unless a trusted proxy is in front or it is asked for. */
const refuseOpenHttp = (config: ServerConfig): void => {
  if (config.tls !== undefined || isLoopback(config.listen) || config.trustedProxy || config.insecureHttp)
    return;
  throw usage(
    'Without TLS the server listens on loopback only.',
    'Give --tls-cert and --tls-key, or say --trusted-proxy where a proxy in front ends TLS.',
  );
};
