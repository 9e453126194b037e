import { ask, callerOf, runCoffer, settingsIn, spawnServer } from '@coffer/testkit';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stopServer } from './reliability/place.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-first-'));
  folders.push(folder);
  return folder;
};
const homeIn = (folder: string) => ({
  HOME: folder,
  XDG_CONFIG_HOME: join(folder, '.config'),
  XDG_DATA_HOME: join(folder, '.local'),
});

describe('the first start', () => {
  it('R-044 says what it made, where the root key is and that losing it loses everything, and how to get in', async () => {
    const folder = newFolder();
    const environment = homeIn(folder);
    const server = await spawnServer(settingsIn(folder), environment);
    const rootKey = join(folder, 'root.key');
    for (const words of [
      /made organization default with project default and owner owner@coffer\.local/,
      new RegExp(`The root key is ${rootKey}\\.`),
      /Whoever loses it loses every secret/,
    ])
      expect(server.stderr()).toMatch(words);
    expect(statSync(rootKey).mode & 0o777).toBe(0o600);
    const [, line = ''] =
      /To get in, on this machine: (COFFER_URL=.* coffer login --local .*)$/m.exec(server.stderr()) ?? [];
    const [variable = '', , ...words] = line.split(' ');
    expect(variable).toBe(`COFFER_URL=${server.url}`);
    const entered = { ...environment, COFFER_URL: server.url };
    expect(await runCoffer(words, { environment: entered })).toMatchObject({ status: 0 });
    const { stdout } = await runCoffer(['environment', 'list', '--json'], { environment: entered });
    expect((JSON.parse(stdout) as { slug: string }[]).map(({ slug }) => slug)).toEqual([
      'development',
      'staging',
      'production',
    ]);
    const projects = await runCoffer(['project', 'list', '--json'], { environment: entered });
    expect(JSON.parse(projects.stdout)).toMatchObject([{ slug: 'default' }]);
    expect(await stopServer(server)).toBe(0);
    const again = await spawnServer(settingsIn(folder), environment);
    expect(again.stderr()).not.toMatch(/First start|root key/);
    await stopServer(again);
  });

  it('R-044 that ends because its port is taken has said where the root key is', async () => {
    const folder = newFolder();
    const taken = await spawnServer(settingsIn(newFolder()));
    const listen = new URL(taken.url).host;
    const settings = { ...settingsIn(folder), listen };
    const failed = await runCoffer(['server'], { settings, environment: homeIn(folder) });
    expect(failed).toMatchObject({ status: 2 });
    expect(failed.stderr).toContain(`The root key is ${join(folder, 'root.key')}.`);
    expect(failed.stderr).toMatch(/Whoever loses it loses every secret/);
    await stopServer(taken);
  });

  it('R-044 is the only one that takes --owner and --organization: later ones that differ are said to be ignored', async () => {
    const folder = newFolder();
    const environment = homeIn(folder);
    const places = settingsIn(folder);
    const first = { ...places, owner: 'ann@example.com', organization: 'acme' };
    await stopServer(await spawnServer(first, environment));
    const same = await spawnServer(first, environment);
    expect(same.stderr()).not.toContain('ignored');
    await stopServer(same);
    const other = { ...first, owner: 'bob@example.com', organization: 'other' };
    const differing = await spawnServer(other, environment);
    expect(differing.stderr()).toMatch(/--organization other is ignored.*the database holds acme\./);
    expect(differing.stderr()).toMatch(/--owner bob@example\.com is ignored/);
    await stopServer(differing);
    const recovered = await runCoffer(['server', 'recover-owner', 'bob@example.com'], {
      settings: places,
      environment,
    });
    expect(recovered.stderr).toContain(
      `coffer login --local --data-dir ${places['data-dir']} --as bob@example.com`,
    );
  });

  it('takes each setting from the environment too', async () => {
    const folder = newFolder();
    const server = await spawnServer(
      {},
      {
        ...homeIn(folder),
        COFFER_DATA_DIR: join(folder, 'data'),
        COFFER_ROOT_KEY_FILE: join(folder, 'keys', 'root.key'),
        COFFER_OWNER: 'ann@example.com',
        COFFER_ORGANIZATION: 'acme',
      },
    );
    expect(server.stderr()).toContain(
      'made organization acme with project default and owner ann@example.com',
    );
    expect(statSync(join(folder, 'keys', 'root.key')).isFile()).toBe(true);
    await stopServer(server);
  });
});

describe('work on the host', () => {
  it.each([
    ['backup', 'copy.db'],
    ['restore', import.meta.filename],
    ['rotate-root-key'],
    ['rotate-data-key'],
    ['verify-audit'],
    ['recover-owner', 'ann@example.com'],
  ])('R-267 coffer server %s takes both settings of the database as flags', async (...words) => {
    const folder = newFolder();
    const settings = settingsIn(folder, 'postgres://127.0.0.1:1/none');
    const refused = await runCoffer(['server', ...words], {
      settings: { ...settings, 'database-timeout-seconds': '1m' },
      environment: homeIn(folder),
    });
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.stderr).toContain('error: --database-timeout-seconds is not a number of seconds.');
  });
});

describe('a start that cannot be', () => {
  it.each([
    ['owner', 'notmail', 'notmail@example.com'],
    ['organization', 'Bad Org', 'bad-org'],
  ])('R-267 --%s "%s" is refused before anything is made', async (name, value, near) => {
    const folder = newFolder();
    const settings = { ...settingsIn(folder), [name]: value };
    const failed = await runCoffer(['server'], { settings, environment: homeIn(folder) });
    expect(failed).toMatchObject({ status: 2 });
    expect(failed.stderr).toContain(`--${name}`);
    expect(failed.stderr).toContain(near);
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  it('R-267 R-313 names the TLS file that is missing or serves no TLS, and makes nothing', async () => {
    const folder = newFolder();
    const [missing, wrong] = [join(folder, 'missing.pem'), join(folder, 'wrong.pem')];
    writeFileSync(wrong, 'no certificate');
    for (const [cert, key, named] of [
      [missing, wrong, missing],
      [wrong, missing, missing],
      [wrong, wrong, wrong],
    ] as const) {
      const settings = { ...settingsIn(folder), 'tls-cert': cert, 'tls-key': key };
      const failed = await runCoffer(['server'], { settings, environment: homeIn(folder) });
      expect(failed).toMatchObject({ status: 2 });
      expect(failed.stderr).toContain(named);
      expect(failed.stderr).toContain('--tls-');
    }
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual(['wrong.pem']);
  });

  it('R-267 names the metrics address that is taken, and the data directory that is a file', async () => {
    const folder = newFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const metrics = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const [name, value] of [
      ['metrics-listen', metrics],
      ['data-dir', file],
      ['data-dir', join(file, 'inside')],
    ] as const) {
      const settings = { ...settingsIn(folder), listen: '127.0.0.1:0', [name]: value };
      const failed = await runCoffer(['server'], { settings, environment: homeIn(folder) });
      expect(failed, failed.stderr).toMatchObject({ status: 2 });
      expect(failed.stderr).toContain(value);
      expect(failed.stderr).toContain(`--${name}`);
    }
    await new Promise((resolve) => taken.close(resolve));
  });
});

describe('a login challenge', () => {
  it('is a file that the server’s own user alone can read, and is gone once it was answered', async () => {
    const folder = newFolder();
    const server = await spawnServer(settingsIn(folder));
    const made = await ask(`${server.url}/v1/login/local/challenge`, { method: 'POST' });
    const { file } = JSON.parse(made.text) as { file: string };
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data', 'login')).mode & 0o777).toBe(0o700);
    const environment = { ...homeIn(folder), COFFER_URL: server.url };
    expect(await runCoffer(['login', '--local'], { environment })).toMatchObject({ status: 0 });
    // The one nobody answered stays until it is over; the one that was answered is gone.
    expect(readdirSync(join(folder, 'data', 'login'))).toEqual([basename(file)]);
    await stopServer(server);
  });
});

describe('metrics', () => {
  const freePort = (): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        server.close(() => resolve(port));
      });
    });

  it('are on a listener of their own, and name routes and statuses only', async () => {
    const metrics = `127.0.0.1:${await freePort()}`;
    const server = await spawnServer({ ...settingsIn(newFolder()), 'metrics-listen': metrics });
    const nobody = callerOf(server.url, 'cfr_ses_of_nobody');
    await nobody.ask('GET', '/v1/agents/planted-name/secrets/PLANTED');
    expect((await nobody.ask('GET', '/metrics')).status).toBe(404);
    const text = await (await fetch(`http://${metrics}/metrics`)).text();
    expect(text).toMatch(/^coffer_requests_total\{route="getSecretAgent",status="401"\} 1$/m);
    expect(text).toContain('coffer_request_seconds_bucket');
    expect(text).toMatch(/^coffer_runner_links 0$/m);
    expect(text).not.toMatch(/planted|cfr_/i);
    expect((await fetch(`http://${metrics}/v1/whoami`)).status).toBe(404);
    await stopServer(server);
  });

  it('of an address that is none are a wrong use', async () => {
    const words = ['server', '--metrics-listen', 'nonsense'];
    expect(await runCoffer(words, { environment: homeIn(newFolder()) })).toMatchObject({ status: 2 });
  });
});
