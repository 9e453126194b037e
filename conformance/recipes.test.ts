import { commands } from '@coffer/cli';
import { CofferError } from '@coffer/contract';
import { readConfig } from '@coffer/server';
import { runCoffer, settingsIn } from '@coffer/testkit';
import dockerfileUtils from 'dockerfile-utils';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { findFault, readCalls } from './command-lines.ts';
import { settingNames } from './settings.ts';

const deploy = join(import.meta.dirname, '..', 'deploy');
const read = (name: string): string => readFileSync(join(deploy, name), 'utf8');
/** Where Debian has them; not every machine does. */
const analyze = '/usr/bin/systemd-analyze';
const tini = '/usr/bin/tini';
const folder = mkdtempSync(join(tmpdir(), 'recipes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What the command line and tests of its own read from the environment, besides the settings of the server. */
const clientVariables = ['COFFER_URL', 'COFFER_API_KEY', 'COFFER_ORG', 'COFFER_ROOT_KEY'];
const variables = new Set([
  ...clientVariables,
  ...settingNames().map((name) => `COFFER_${name.toUpperCase().replaceAll('-', '_')}`),
]);

const dockerfileEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    [...read('Dockerfile').matchAll(/(COFFER_[A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

interface Service {
  readonly environment: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}
const compose = parse(read('compose.yaml')) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
  secrets: Record<string, { file: string }>;
};

describe('R-323 the recipes', () => {
  it.each(['Dockerfile', 'agent.Dockerfile'])('%s has nothing that a linter finds', (name) => {
    const found = dockerfileUtils
      .validate(read(name))
      .map(
        ({ message, range }) =>
          `${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
      );
    expect(found).toEqual([]);
  });

  it.each(['Dockerfile', 'agent.Dockerfile'])('%s ends as a user without rights, behind tini', (name) => {
    const lines = read(name).split('\n');
    expect(lines.findLast((line) => line.startsWith('USER '))).toBe('USER 10001');
    expect(lines.find((line) => line.startsWith('ENTRYPOINT '))).toMatch(
      /^ENTRYPOINT \["tini", "--", "coffer"/,
    );
  });

  it('the scripts that the Dockerfile runs exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(deploy, '..', 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const used = [...read('Dockerfile').matchAll(/npm run (\S+)/g)].map(([, name = '']) => name);
    expect(used).toEqual(['build']);
    for (const name of used) expect(scripts).toHaveProperty(name);
  });

  it.each(['Dockerfile', 'agent.Dockerfile', 'compose.yaml', 'coffer.service', 'kubernetes-job.yaml'])(
    'every COFFER_ variable in %s is one that Coffer reads',
    (name) => {
      const used = [...read(name).matchAll(/\bCOFFER_[A-Z_]+/g)].map(([variable]) => variable);
      expect(used.filter((variable) => !variables.has(variable))).toEqual([]);
    },
  );

  it.each(['coffer.service', 'kubernetes-job.yaml'])(
    'every call of coffer that the words of %s name exists',
    async (name) => {
      const words = read(name).replaceAll(/^# ?(?:[A-Z][^:\n]*: +)?/gm, '');
      const calls = readCalls(words);
      expect(calls).not.toEqual([]);
      const faults = await Promise.all(calls.map(findFault));
      expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
    },
  );

  it('the entrypoint of an agent is a call that coffer run understands', async () => {
    const [, words = '[]'] = /^ENTRYPOINT (.*)$/m.exec(read('agent.Dockerfile')) ?? [];
    const [first, dashes, ...call] = JSON.parse(words) as string[];
    expect([first, dashes]).toEqual(['tini', '--']);
    expect(await findFault(call.join(' '))).toBeUndefined();
    expect(commands.some(({ name }) => name === call[1])).toBe(true);
  });

  it('the image does not serve plain HTTP to others until it is told to, as compose.yaml does', () => {
    const image = dockerfileEnvironment();
    expect(Object.keys(image)).toHaveLength(4);
    expect(() => readConfig({}, image)).toThrow(CofferError);
    const { environment = {}, ports = [] } = compose.services['coffer'] ?? {};
    const given = Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) =>
        value === null ? [] : [[name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')]],
      ),
    );
    const config = readConfig({}, { ...image, ...given });
    expect(config.insecureHttp).toBe(true);
    expect(config.database).toEqual({ sqlite: { path: '/var/lib/coffer/coffer.db' } });
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('compose.yaml declares each volume and secret that it uses, where the image expects them', () => {
    const volumes = Object.values(compose.services).flatMap(({ volumes: used = [] }) => used);
    expect(volumes.map((volume) => volume.split(':')[0]).toSorted()).toEqual(
      Object.keys(compose.volumes).toSorted(),
    );
    const [secret] = Object.keys(compose.secrets);
    expect(dockerfileEnvironment()['COFFER_ROOT_KEY_FILE']).toBe(`/run/secrets/${secret ?? ''}`);
  });

  it('kubernetes-job.yaml gives the agent its time to stop, and no token of the cluster', () => {
    const [document, ...others] = parseAllDocuments(read('kubernetes-job.yaml'));
    expect(others).toEqual([]);
    const job = document?.toJS() as {
      kind: string;
      spec: {
        template: { spec: { terminationGracePeriodSeconds: number; automountServiceAccountToken: boolean } };
      };
    };
    expect(job.kind).toBe('Job');
    expect(job.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
    expect(job.spec.template.spec.automountServiceAccountToken).toBe(false);
  });

  it('server.json is a settings file that the server takes', () => {
    const config = readConfig({ config: join(deploy, 'server.json') }, {});
    expect(config.rootKeyFile).toBe('/etc/coffer/root.key');
    expect(read('coffer.service')).toContain(`LoadCredential=root.key:${config.rootKeyFile}`);
    for (const path of [config.dataDir, config.auditHeadFile.replace(/\/[^/]+$/, '')])
      expect(read('coffer.service')).toMatch(
        new RegExp(`^StateDirectory=.*\\b${path.replace('/var/lib/', '')}\\b`, 'm'),
      );
  });

  it.skipIf(!existsSync(analyze))('systemd finds no fault in coffer.service', () => {
    const unit = join(folder, 'coffer.service');
    // The command is where npm put it; here any program that exists stands for it.
    writeFileSync(unit, read('coffer.service').replace('/usr/local/bin/coffer', process.execPath));
    expect(spawnSync(analyze, ['verify', unit], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it.skipIf(!existsSync(tini))('under tini, coffer passes its exit status on', () => {
    const program = join(import.meta.dirname, '..', 'packages', 'coffer', 'bin', 'coffer.cjs');
    const version = execFileSync(tini, ['-s', '--', process.execPath, program, '--version'], {
      encoding: 'utf8',
    });
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('R-313 plain HTTP', () => {
  it('without TLS the server listens on loopback only', async () => {
    const settings = { ...settingsIn(folder), listen: '0.0.0.0:0' };
    const { status, stderr } = await runCoffer(['server'], { settings });
    expect(status).toBe(2);
    expect(stderr).toContain('Without TLS the server listens on loopback only.');
    expect(existsSync(join(folder, 'root.key'))).toBe(false);
  });
});
