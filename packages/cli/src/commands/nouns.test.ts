import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentRecord, AuditEventRecord, KeyCreated, KeyRecord, Whoami } from '@coffer/contract';
import { callerOf, startServer, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLineUser, type CommandLineUser } from '../terminal/command-line.fixture.ts';

/** Not the blocking kind: the server is in this process. */
const execute = promisify(execFile);
let server: TestServer;
let ann: CommandLineUser;

beforeAll(async () => {
  server = await startServer();
  ann = await createCommandLineUser({ COFFER_URL: server.url });
  expect((await ann.run(['login', '--local'])).status).toBe(0);
});
afterAll(async () => {
  await ann.close();
  await server.close();
});

const run = (...words: readonly string[]) => ann.run(words);

describe('login', () => {
  it('stores a session that its owner alone can read, and shows no token', async () => {
    const { status, stdout, stderr } = await run('login', '--local', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ email: 'owner@coffer.local', url: server.url });
    expect(stdout + stderr).not.toContain('cfr_ses_');
    const path = join(ann.folder, '.config', 'coffer', 'session.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('--as logs in as another member; whoami says who and as what', async () => {
    expect(await run('member', 'create', 'bob@example.com', '--role', 'member')).toMatchObject({
      status: 0,
      stdout: 'bob@example.com\n',
    });
    const bob = await createCommandLineUser({ COFFER_URL: server.url });
    try {
      await bob.run(['login', '--local', '--as', 'bob@example.com']);
      expect(await bob.ask<Whoami>(['whoami'])).toMatchObject({ email: 'bob@example.com', role: 'member' });
      expect((await bob.run(['whoami'])).stdout).toMatch(/^Email +bob@example\.com$/m);
      expect(await bob.run(['member', 'create', 'eve@example.com', '--role', 'owner'])).toMatchObject({
        status: 4,
      });
      expect(await bob.run(['logout'])).toMatchObject({ status: 0, stdout: '' });
      expect(await bob.run(['whoami'])).toMatchObject({ status: 3 });
    } finally {
      await bob.close();
    }
  });

  it('R-203 a server that cannot be reached is status 8', async () => {
    const environment = { COFFER_URL: 'http://127.0.0.1:9', COFFER_API_KEY: 'cfr_key_x' };
    expect(await ann.run(['whoami'], { environment })).toMatchObject({ status: 8 });
  });

  it('R-313 credentials are not sent over plain http to another machine', async () => {
    const environment = { COFFER_URL: 'http://coffer.example.com', COFFER_API_KEY: 'cfr_key_x' };
    const { status, stderr } = await ann.run(['whoami'], { environment });
    expect(status).toBe(2);
    expect(stderr).toContain('plain http');
  });
});

describe('organizations', () => {
  it('R-173 org use chooses one that exists, and --org overrides it', async () => {
    expect(await run('org', 'use', 'nowhere')).toMatchObject({ status: 5 });
    expect(await run('org', 'use', 'default')).toMatchObject({ status: 0 });
    expect((await run('org', 'list')).stdout).toMatch(/^default .* yes$/m);
    expect(await run('agent', 'list', '--org', 'nowhere')).toMatchObject({ status: 5 });
    expect(await ann.run(['agent', 'list'], { environment: { COFFER_ORG: 'nowhere' } })).toMatchObject({
      status: 5,
    });
  });
});

describe('agents, projects, environments', () => {
  it('agent create prints the slug, with --json {id, slug, project, owner}', async () => {
    expect(await run('agent', 'create', 'support-bot')).toMatchObject({ status: 0, stdout: 'support-bot\n' });
    const agent = await ann.ask<AgentRecord>(['agent', 'create', 'biller', '--owner', 'owner@coffer.local']);
    expect(agent).toMatchObject({ slug: 'biller', project: 'default', owner: 'owner@coffer.local' });
    expect(await run('agent', 'create', 'biller')).toMatchObject({ status: 6 });
    expect((await run('agents', 'list')).stdout).toMatch(/^SLUG +PROJECT +OWNER +CREATED\n/);
  });

  it('R-297 moving an agent names its secrets and needs somebody to confirm it', async () => {
    await run('project', 'create', 'billing', '--name', 'Billing agents');
    await run('secrets', 'set', 'biller', 'MOVES_ALONG', 'a-value-of-some-length');
    const refused = await run('agent', 'update', 'biller', '--project', 'billing');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('MOVES_ALONG');
    expect(await run('agent', 'update', 'biller', '--project', 'billing', '--yes')).toMatchObject({
      status: 0,
    });
    expect(await run('project', 'delete', 'billing')).toMatchObject({ status: 6 });
  });

  it('R-297 an agent without secrets of its own is said to have none', async () => {
    const { stderr } = await run('agent', 'update', 'support-bot', '--owner', 'owner@coffer.local');
    expect(stderr).toContain('The agent has no secrets of its own.');
    expect(stderr).not.toContain('(0)');
  });

  it('R-006 deleting an agent says how many secrets go with it, and restore brings them back', async () => {
    const deleted = await run('agent', 'delete', 'biller', '--yes');
    expect(deleted.status).toBe(0);
    expect(deleted.stderr).toContain('1 secret of its own');
    expect(await run('secrets', 'list', 'biller')).toMatchObject({ status: 5 });
    expect(await run('agent', 'restore', 'biller')).toMatchObject({ status: 0 });
    expect((await run('secrets', 'list', 'biller')).stdout).toContain('MOVES_ALONG');
    expect(await run('agent', 'delete', 'biller', '--purge')).toMatchObject({ status: 2 });
    expect(await run('agent', 'delete', 'biller', '--purge', '--yes')).toMatchObject({ status: 0 });
    expect(await run('agent', 'restore', 'biller')).toMatchObject({ status: 5 });
  });

  it('R-201 without a terminal an agent with secrets or a running workload is deleted only with --yes', async () => {
    await run('agent', 'create', 'empty');
    expect(await run('agent', 'delete', 'empty')).toMatchObject({ status: 0 });
    await run('agent', 'create', 'busy');
    const { workload } = await callerOf(server.url, server.ownerToken).start({ agent: 'busy' });
    const refusedRunning = await run('agent', 'delete', 'busy');
    expect(refusedRunning.status).toBe(2);
    expect(refusedRunning.stderr).toContain('1 workload running');
    await run('workloads', 'stop', workload.id);
    await run('secrets', 'set', 'busy', 'KEY', 'a-value');
    const refused = await run('agent', 'delete', 'busy');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('busy and 1 secret of its own');
    expect(refused.stderr).toContain('hint: Add --yes.');
    expect((await run('secrets', 'list', 'busy')).stdout).toContain('KEY');
    await run('policy', 'set', 'delete', 'allow');
    expect(await run('agent', 'delete', 'busy')).toMatchObject({ status: 0 });
    await run('policy', 'set', 'delete', 'confirm');
  });

  it('R-158 R-168 importing over secrets and deleting the agent tell the workloads that run, and how to stop them', async () => {
    await run('agent', 'create', 'runner');
    await run('secrets', 'set', 'runner', 'KEY', 'first-value');
    const { workload } = await callerOf(server.url, server.ownerToken).start({ agent: 'runner' });
    await writeFile(join(ann.folder, '.env'), 'KEY=second-value\n');
    const imported = await run('secrets', 'import', 'runner', '--file', '.env', '--overwrite');
    const deleted = await run('agent', 'delete', 'runner', '--yes');
    for (const { status, stderr } of [imported, deleted]) {
      expect(status).toBe(0);
      expect(stderr).toContain(`coffer workloads stop ${workload.id}`);
    }
    expect(await run('workloads', 'stop', workload.id)).toMatchObject({ status: 0 });
  });

  it('R-037 a list and a secret say that the production value is missing', async () => {
    await run('agent', 'create', 'rehearser');
    await run('secrets', 'set', 'rehearser', 'SHARED', 'some-value');
    expect((await run('secrets', 'list', 'rehearser')).stdout).not.toContain('MISSING');
    await run('secrets', 'set', 'rehearser', 'ABSENT', 'some-value', '--env', 'development');
    const { stdout } = await run('secrets', 'list', 'rehearser');
    expect(stdout).toMatch(/^KEY +CREATED +MISSING$/m);
    expect(stdout).toMatch(/^ABSENT .* production$/m);
    expect(stdout).not.toMatch(/^SHARED .*production/m);
    expect((await run('secrets', 'get', 'rehearser', 'ABSENT')).stderr).toContain('no value for production');
  });

  it('R-027 R-040 environments are added, labelled, and removed while nothing uses them', async () => {
    expect(await run('environment', 'create', 'preview', '--label', 'Preview')).toMatchObject({
      stdout: 'preview\n',
    });
    await run('environment', 'update', 'preview', '--position', '1');
    expect((await run('environment', 'list')).stdout).toMatch(/^preview +Preview +1 /m);
    await run('secrets', 'set', 'support-bot', 'IN_PREVIEW', 'a-value', '--env', 'preview');
    expect(await run('environment', 'delete', 'preview')).toMatchObject({ status: 6 });
    await run('secrets', 'delete', 'support-bot', 'IN_PREVIEW', '--purge', '--yes');
    expect(await run('environment', 'delete', 'preview')).toMatchObject({ status: 0 });
  });
});

describe('API keys', () => {
  it('R-076 create prints the key alone; it wins over the login and does what it was made for', async () => {
    const words = ['key', 'create', '--agent', 'support-bot', '--right', 'write', '--env', 'development'];
    const { status, stdout, stderr } = await run(...words, '--expires', '30d');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^cfr_key_\S+\n$/);
    expect(stderr).not.toContain(stdout.trim());
    const environment = { COFFER_API_KEY: stdout.trim() };
    const set = ['secrets', 'set', 'support-bot', 'BY_KEY', 'a-value', '--env', 'development'];
    expect(await ann.run(set, { environment })).toMatchObject({ status: 0 });
    expect(await ann.run(['secrets', 'list', 'support-bot'], { environment })).toMatchObject({ status: 4 });
    const who = await ann.run(['whoami'], { environment });
    expect(who).toMatchObject({ status: 0 });
    expect(who.stdout).toMatch(/^Rights of the key +write$/m);
    expect(who.stdout).toMatch(/^Role of its maker +owner$/m);
    expect(who.stdout).not.toMatch(/^Role +owner/m);
  });

  it('list never shows keys; revoke ends one at once; a key given for its id is not repeated', async () => {
    const made = await ann.ask<KeyCreated>(['key', 'create', '--project', 'default', '--right', 'read']);
    const listed = await run('key', 'list', '--json');
    expect(listed.stdout).not.toContain(made.key);
    expect((JSON.parse(listed.stdout) as KeyRecord[]).map(({ id }) => id)).toContain(made.id);
    const mistaken = await run('key', 'revoke', made.key);
    expect(mistaken.status).toBe(2);
    expect(mistaken.stdout + mistaken.stderr).not.toContain(made.key);
    expect(await run('key', 'revoke', made.id)).toMatchObject({ status: 0 });
    expect(await ann.run(['whoami'], { environment: { COFFER_API_KEY: made.key } })).toMatchObject({
      status: 3,
    });
  });
});

describe('policy', () => {
  it('people_may_run takes roles by environment, an empty list too', async () => {
    const words = ['development=owner,admin', 'staging=', 'production='];
    expect(await run('policy', 'set', 'people_may_run', ...words)).toMatchObject({ status: 0, stdout: '' });
    expect(await run('policy', 'get', 'people_may_run')).toMatchObject({ stdout: `${words.join(' ')}\n` });
  });

  it('people_may_run replaces all that stood before, and says what is no longer allowed', async () => {
    await run('policy', 'set', 'people_may_run', 'development=owner,admin', 'staging=owner,member');
    const { stderr } = await run('policy', 'set', 'people_may_run', 'production=owner', 'staging=owner');
    expect(stderr).toContain('people_may_run is production=owner staging=owner now.');
    expect(stderr).toContain('no longer allowed: development=owner,admin staging=member.');
    const wider = await run('policy', 'set', 'people_may_run', 'production=owner,admin', 'staging=owner');
    expect(wider.stderr).not.toContain('no longer');
    await run('policy', 'set', 'people_may_run', 'development=owner,admin', 'staging=', 'production=');
  });

  it('an unknown switch and one that is not built answer policy_unavailable', async () => {
    for (const words of [
      ['set', 'nothing', 'on'],
      ['set', 'reveal', 'owner_or_admin'],
      ['get', 'nothing'],
    ]) {
      const { status, stderr } = await run('policy', ...words, '--json');
      expect(status).toBe(2);
      expect(JSON.parse(stderr)).toMatchObject({ code: 'policy_unavailable' });
    }
  });
});

describe('R-202 a usage error without a hint of its own', () => {
  it.each([
    ['secrets set', 'coffer secrets set [agent] [KEY] [VALUE] [options]'],
    ['secrets rollback support-bot KEY', '--to 3'],
    ['secrets copy support-bot KEY', '--from staging --to production'],
    ['workloads stop', 'coffer workloads stop id [options]'],
    ['agent create', 'coffer agent create SLUG [options]'],
    ['agent list more', 'coffer agent list [options]'],
    ['completion', 'coffer completion shell [options]'],
    ['key create --agent support-bot', 'coffer key create [options]'],
    ['agent create-it', 'coffer agent <command> --help'],
  ])('shows the form of `%s`', async (words, form) => {
    const { status, stderr } = await run(...words.split(' '), '--json');
    expect(status).toBe(2);
    const { code, hint } = JSON.parse(stderr) as { code: string; hint: string };
    expect(code).toBe('usage_error');
    expect(hint).toContain(form);
  });

  it('key create names the rights', async () => {
    expect((await run('key', 'create', '--agent', 'support-bot')).stderr).toContain(
      'it is one of: read, write, deploy, run, admin',
    );
  });
});

describe('R-202 what the server does not take', () => {
  it.each([
    [['agent', 'create', 'Bad_Slug'], '  SLUG: ', 'hint: The nearest valid slug is bad-slug.'],
    [['environment', 'create', '*'], '  SLUG: ', 'hint: coffer environment create SLUG'],
    [['member', 'create', 'bob', '--role', 'member'], '  EMAIL: ', 'hint: coffer member create EMAIL'],
    [
      [
        'secrets',
        'set',
        'SENT',
        '--value',
        'a-value',
        '--exposure',
        'broker',
        '--allow-host',
        'https://x.io',
      ],
      '  --allow-host: ',
      'hint: coffer secrets set',
    ],
  ])('is said in words of the command: %j', async (words, about, hint) => {
    const { status, stderr } = await run(...words);
    expect(status).toBe(2);
    expect(stderr).toContain(about);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/body\.|openapi/);
  });
});

describe('R-202 writes whose answer is empty', () => {
  it('with --json print what went, by its ids, and what became of it', async () => {
    const project = await ann.ask<{ id: string }>(['project', 'create', 'passing']);
    const environment = await ann.ask<{ id: string }>(['environment', 'create', 'passing']);
    const member = await ann.ask<{ id: string }>([
      'member',
      'create',
      'passing@example.com',
      '--role',
      'member',
    ]);
    const key = await ann.ask<KeyCreated>(['key', 'create', '--project', 'default', '--right', 'read']);
    await run('secrets', 'set', 'support-bot', 'PASSING', 'a-first-value');
    const secret = await ann.ask<{ id: string }>([
      'secrets',
      'set',
      'support-bot',
      'PASSING',
      'a-second-value',
    ]);
    const destroy = ['secrets', 'destroy-version', 'support-bot', 'PASSING', '--version', '1', '--yes'];
    expect(await ann.ask(destroy)).toEqual({
      id: secret.id,
      name: 'PASSING',
      environment: '*',
      version: 1,
      destroyed: true,
    });
    expect(await ann.ask(['project', 'delete', 'passing'])).toEqual({
      id: project.id,
      slug: 'passing',
      deleted: true,
    });
    expect(await ann.ask(['environment', 'delete', environment.id])).toEqual({
      id: environment.id,
      slug: 'passing',
      deleted: true,
    });
    expect(await ann.ask(['member', 'remove', 'Passing@example.com'])).toEqual({
      id: member.id,
      email: 'passing@example.com',
      removed: true,
    });
    expect(await ann.ask(['key', 'revoke', key.id])).toEqual({ id: key.id, revoked: true });
  });

  it('logout --json says whose login ended, and that nobody’s did', async () => {
    const bea = await createCommandLineUser({ COFFER_URL: server.url });
    try {
      await bea.run(['login', '--local']);
      expect(await bea.ask(['logout'])).toEqual({
        url: server.url,
        email: 'owner@coffer.local',
        loggedOut: true,
        sessionEnded: true,
      });
      expect(await bea.ask(['logout'])).toMatchObject({ email: null, loggedOut: false });
    } finally {
      await bea.close();
    }
  });

  it.each(['project', 'environment', 'member'])('an absent %s is refused as without --json', async (noun) => {
    expect(await run(noun, 'delete', 'nowhere', '--json')).toMatchObject({ status: 5, stdout: '' });
  });
});

describe('workloads and audit', () => {
  it('a start that failed is listed with its status; stopping an unknown one is not found', async () => {
    const words = ['run', '--agent', 'support-bot', '--', process.execPath, '-e', 'process.exit(3)'];
    expect(await run(...words)).toMatchObject({ status: 3 });
    expect((await run('workloads', 'list', '--agent', 'support-bot')).stdout).toMatch(
      /^wrk_\S+ .* failed .* 3$/m,
    );
    expect(await run('workloads', 'stop', 'wrk_01JD0000000000000000000000')).toMatchObject({ status: 5 });
    expect(await run('agent', 'restart', 'support-bot')).toMatchObject({ status: 0 });
  });

  it('R-259 audit list filters, pages and exports; audit verify says that the chain is whole', async () => {
    const events = await ann.ask<AuditEventRecord[]>([
      'audit',
      'list',
      '--agent',
      'support-bot',
      '--since',
      '1h',
    ]);
    expect(events.length).toBeGreaterThan(1);
    expect(new Set(events.map(({ agent }) => agent))).toEqual(new Set(['support-bot']));
    const all = await run('audit', 'list', '--all', '--csv');
    const limited = await run('audit', 'list', '--limit', '2', '--csv');
    expect(limited.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(all.stdout.split('\n').length).toBeGreaterThan(5);
    expect((await run('audit', 'list', '--limit', '1')).stderr).toContain('There are more');
    expect(await run('audit', 'verify')).toMatchObject({ status: 0 });
  });

  it('a reader that closes the pipe ends nothing and says nothing', async () => {
    const command = `"${process.execPath}" "${ann.bin}" audit list --all --csv | head -n 1`;
    const said = await execute('/bin/bash', ['-c', `set -o pipefail; ${command}`], {
      cwd: ann.folder,
      env: ann.environment,
    });
    expect(said.stdout).toMatch(/^sequence,.*\n$/);
    expect(said.stderr).toBe('');
  });
});

describe('R-322 completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { status, stdout } = await run('completion', shell);
    expect(status).toBe(0);
    expect(stdout).toContain('coffer complete-words');
    if (existsSync(`/bin/${shell}`)) execFileSync(`/bin/${shell}`, ['-n'], { input: stdout });
  });

  it('in a real bash completes commands, options and the names of agents and secrets', async () => {
    const { stdout: script } = await run('completion', 'bash');
    const complete = async (...words: readonly string[]): Promise<string[]> => {
      const list = words.map((word) => `'${word}'`).join(' ');
      const program = `coffer() { "${process.execPath}" "${ann.bin}" "$@"; }
${script}
compopt() { :; }
COMP_WORDS=(coffer ${list}); COMP_CWORD=${words.length}; _coffer; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await execute('/bin/bash', ['-c', program], {
        cwd: ann.folder,
        env: ann.environment,
      });
      return stdout.split('\n').filter((line) => line !== '');
    };
    expect(await complete('secr')).toEqual(['secrets']);
    expect(await complete('secrets', 'roll')).toEqual(['rollback']);
    expect(await complete('secrets', 'set', '--expe')).toEqual(['--expect-version']);
    expect(await complete('secrets', 'get', 'supp')).toEqual(['support-bot']);
    expect(await complete('secrets', 'get', 'support-bot', 'BY_')).toEqual(['BY_KEY']);
    expect(await complete('secrets', 'get', '--agent', 'support-bot', 'BY_')).toEqual(['BY_KEY']);
    expect(await complete('run', '--agent', 'supp')).toEqual(['support-bot']);
    await run('secrets', 'set', '--project', 'default', 'BY_PROJECT', 'a-value');
    expect(await complete('run', '--agent', 'support-bot', '--only', 'BY_')).toEqual([
      'BY_KEY',
      'BY_PROJECT',
    ]);
    expect(await complete('member', 'create', 'x@example.com', '--role', 'au')).toEqual(['auditor']);
    expect(await complete('secrets', 'set', 'support-bot', 'BY_KEY', 'a')).toEqual([]);
    expect(await complete('key', 'create', '--right', 'r')).toEqual(['read', 'run']);
    expect(await complete('policy', 'set', 'name_style_')).toEqual(['name_style_level']);
    expect(await complete('policy', 'get', 'unm')).toEqual(['unmasked_runs']);
    expect(await complete('policy', 'set', 'delete', '')).toEqual(['confirm', 'allow']);
    expect(await complete('policy', 'set', 'offline_start', '')).toEqual(['off']);
    expect(await complete('policy', 'set', 'people_may_run', '')).toEqual([]);
  });
});

it('R-196 a stored login that others can read is refused', async () => {
  const path = join(ann.folder, '.config', 'coffer', 'session.json');
  await chmod(path, 0o644);
  expect(await run('whoami')).toMatchObject({ status: 3 });
  await chmod(path, 0o600);
});
