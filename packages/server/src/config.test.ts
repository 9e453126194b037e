import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, serverSettings, settingSwitches, type SettingName } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'coffer-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const writeSettings = (settings: unknown): string => {
  const path = join(folder, `${(files += 1)}.json`);
  writeFileSync(path, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return path;
};

const variableOf = (name: SettingName): string => `COFFER_${name.toUpperCase().replaceAll('-', '_')}`;
/** A value that each setting takes and that is not its default. */
const other: Record<SettingName, string> = {
  'data-dir': '/srv/data',
  listen: '127.0.0.2:7000',
  database: 'postgres://db.example.com/coffer',
  'database-timeout-seconds': '5',
  'root-key-file': '/srv/root.key',
  'audit-head-file': '/srv/heads.json',
  'metrics-listen': '127.0.0.1:7001',
  'tls-cert': '/srv/cert.pem',
  'tls-key': '/srv/key.pem',
  'trusted-proxy': 'true',
  'insecure-http': 'true',
  'environment-max-bytes': '1000',
  owner: 'ann@example.com',
  organization: 'acme',
};
/** TLS takes its two files together; how long a database may take counts where there is one. */
const together = (name: SettingName): Partial<Record<SettingName, string>> => {
  if (name.startsWith('tls-')) return { 'tls-cert': other['tls-cert'], 'tls-key': other['tls-key'] };
  return name.startsWith('database-')
    ? { [name]: other[name], database: other.database }
    : { [name]: other[name] };
};

describe('where a setting comes from', () => {
  it.each(Object.keys(serverSettings) as SettingName[])(
    '%s is the same as a flag, a variable and a line of the settings file',
    (name) => {
      const given = together(name);
      const variables = Object.fromEntries(
        Object.entries(given).map(([one, value]) => [variableOf(one as SettingName), value]),
      );
      const byFlag = readConfig(given, {});
      expect(byFlag).not.toEqual(readConfig({}, {}));
      expect(readConfig({}, variables)).toEqual(byFlag);
      expect(readConfig({ config: writeSettings(given) }, {})).toEqual(byFlag);
      expect(readConfig({}, { COFFER_CONFIG: writeSettings(given) })).toEqual(byFlag);
    },
  );

  it('is the flag before the variable before the file before the default', () => {
    const config = writeSettings({
      owner: 'file@example.com',
      organization: 'of-file',
      listen: '127.0.0.1:1',
    });
    const variables = { COFFER_OWNER: 'variable@example.com', COFFER_ORGANIZATION: 'of-variable' };
    expect(readConfig({ config, owner: 'FLAG@example.com' }, variables)).toMatchObject({
      owner: 'flag@example.com',
      organization: 'of-variable',
      listen: { host: '127.0.0.1', port: 1 },
      metricsListen: undefined,
    });
  });

  it('how long PostgreSQL may take is half a minute, or what is said', () => {
    const { database } = other;
    expect(readConfig({ database }, {}).database).toEqual({ postgres: { url: database }, timeoutMs: 30_000 });
    const timeout = { 'database-timeout-seconds': '5' };
    expect(readConfig({ database, ...timeout }, {}).database).toMatchObject({ timeoutMs: 5_000 });
  });

  it('without any is what the manual says', () => {
    expect(readConfig({}, {})).toMatchObject({
      dataDir: join(homedir(), '.local/share/coffer'),
      rootKeyFile: join(homedir(), '.config/coffer/root.key'),
      auditHeadFile: join(homedir(), '.config/coffer/root.key.audit-heads.json'),
      listen: { host: '127.0.0.1', port: 7373 },
      owner: 'owner@coffer.local',
      organization: 'default',
    });
  });
});

describe('what is refused', () => {
  it.each([
    ['no JSON', 'listen = 1', 'cannot be read as JSON'],
    ['null for an object', 'null', 'holds no JSON object'],
    ['a list for an object', '[]', 'holds no JSON object'],
    ['a text for an object', '"listen"', 'holds no JSON object'],
    ['a name that is no setting', { lisen: 'planted' }, 'holds "lisen", which is no setting'],
    ['a value of another kind', { listen: { host: 'planted' } }, 'under listen than a setting can be'],
    ['null for a value', { listen: null }, 'under listen than a setting can be'],
  ])('a settings file with %s, and no value of it is told', (_, settings, words) => {
    const config = writeSettings(settings);
    const read = () => readConfig({ config }, {});
    expect(read).toThrow(expect.objectContaining({ code: 'file_invalid' }) as Error);
    expect(read).toThrow(`The settings file ${config} `);
    expect(read).toThrow(words);
    expect(read).not.toThrow('planted');
  });

  it('a settings file that is missing, which is said', () => {
    const config = join(folder, 'nowhere.json');
    const missing = expect.objectContaining({
      code: 'file_invalid',
      message: `The settings file ${config} is missing.`,
    }) as Error;
    expect(() => readConfig({ config }, {})).toThrow(missing);
    expect(() => readConfig({}, { COFFER_CONFIG: config })).toThrow(missing);
    expect(() => readConfig({ config: folder }, {})).toThrow('cannot be read (EISDIR)');
  });

  it.each([
    ['listen', '7373'],
    ['listen', '127.0.0.1:99999'],
    ['metrics-listen', 'nonsense'],
    ['database', 'mysql://db/coffer'],
    ['database-timeout-seconds', '0'],
    ['database-timeout-seconds', '1m'],
    ['environment-max-bytes', 'abc'],
    ['environment-max-bytes', '0'],
    ['environment-max-bytes', '-5'],
    ['environment-max-bytes', '32k'],
  ] as const)('--%s %s', (name, value) => {
    const read = () => readConfig({ [name]: value }, {});
    expect(read).toThrow(expect.objectContaining({ code: 'usage_error' }) as Error);
  });

  it.each([
    ['owner', 'notmail', 'notmail@example.com'],
    ['owner', ' ann@example.com', 'as ann@example.com'],
    ['owner', '', 'you@example.com'],
    ['organization', 'Bad Org', 'bad-org'],
    ['organization', '-', 'acme'],
    ['organization', '', 'acme'],
  ] as const)(
    '--%s "%s", which would stay for good: the hint gives the nearest form',
    (name, value, near) => {
      const refused = expect.objectContaining({
        code: 'usage_error',
        message: expect.stringContaining(`--${name} `) as string,
        hint: expect.stringContaining(near) as string,
      }) as Error;
      for (const read of [
        () => readConfig({ [name]: value }, {}),
        () => readConfig({ config: writeSettings({ [name]: value }) }, {}),
      ]) {
        expect(read).toThrow(refused);
      }
    },
  );

  it('R-313 an empty variable opens nothing: plain HTTP beyond loopback stays refused', () => {
    const beyond = { listen: '0.0.0.0:7373' };
    expect(() => readConfig({ listen: '127.evil.example:7373' }, {})).toThrow('loopback');
    for (const name of settingSwitches)
      expect(() => readConfig(beyond, { [variableOf(name)]: '' })).toThrow('loopback');
    expect(readConfig(beyond, { COFFER_INSECURE_HTTP: '1' }).insecureHttp).toBe(true);
  });
});
