import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SecretRecord, SecretWritten } from '@coffer/contract';
import { startServer, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLineUser, type CommandLineUser } from '../../terminal/command-line.fixture.ts';

/** Not the blocking kind: the server is in this process. */
const execute = promisify(execFile);
let server: TestServer;
let ann: CommandLineUser;
const value = 'sk_live_0123456789abcdefwxyz';

beforeAll(async () => {
  server = await startServer();
  ann = await createCommandLineUser({ COFFER_URL: server.url });
  expect((await ann.run(['login', '--local'])).status).toBe(0);
  for (const agent of ['support-bot', 'biller']) await ann.run(['agent', 'create', agent]);
});
afterAll(async () => {
  await ann.close();
  await server.close();
});

const run = (...words: readonly string[]) => ann.run(words);

describe('writing secrets', () => {
  it('R-181 set creates or replaces, says which in words, and prints nothing on stdout', async () => {
    const first = await run('secrets', 'set', 'support-bot', 'FIRST_KEY', value);
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr).toContain(
      'Created FIRST_KEY of agent support-bot (version 1 for all environments).',
    );
    const second = await run('secrets', 'set', 'support-bot', 'FIRST_KEY', `${value}2`);
    expect(second.stderr).toContain('Updated FIRST_KEY of agent support-bot (version 2');
    expect(first.stderr + second.stderr).not.toContain(value);
  });

  it('with --json the object has the fields that scripts rely on', async () => {
    const written = await ann.ask<SecretWritten>(['secrets', 'set', 'support-bot', 'JSON_KEY', value]);
    expect(written).toMatchObject({
      name: 'JSON_KEY',
      scope: 'agent',
      environment: '*',
      version: 1,
      created: true,
    });
    expect(written.id).toMatch(/^sec_/);
  });

  it.each([
    ['a first word that cannot be an agent', ['secrets', 'set', 'KEY', 'v4lue']],
    ['an agent given twice', ['secrets', 'set', 'support-bot', 'KEY', 'v4lue', '--agent', 'biller']],
    ['an agent together with --project', ['secrets', 'get', 'support-bot', 'v4lue', '--project', 'default']],
    [
      '--agent and --project',
      ['secrets', 'set', 'KEY', 'v4lue', '--agent', 'biller', '--project', 'default'],
    ],
    ['two values', ['secrets', 'set', 'biller', 'KEY', 'v4lue', '--value', 'v4lue']],
    ['too many words', ['secrets', 'create', 'biller', 'KEY', 'v4lue']],
  ])('R-170 R-171 %s is a usage error that repeats nothing', async (_, words) => {
    const { status, stdout, stderr } = await ann.run(words);
    expect(status).toBe(2);
    expect(stderr).toContain('usage_error');
    expect(stdout + stderr).not.toContain('v4lue');
  });

  it('R-174 R-253 a value file and stdin keep every byte but one trailing line break', async () => {
    const text = '  "a=b" $X \\n @c#\r\nžluťoučký\n';
    await writeFile(join(ann.folder, 'value.txt'), `${text}\n`);
    await run('secrets', 'set', 'biller', 'FROM_FILE', '--value-file', 'value.txt');
    await ann.run(['secrets', 'set', 'biller', 'FROM_STDIN', '--value-file', '-'], { input: text });
    await run('secrets', 'set', 'biller', 'FROM_WORD', '--', '-x=1');
    const program =
      'console.log(JSON.stringify(["FILE","STDIN","WORD"].map((n) => process.env["FROM_" + n])))';
    const started = await run('run', '--agent', 'biller', '--no-mask', '--', process.execPath, '-e', program);
    expect(JSON.parse(started.stdout)).toEqual([text, text.slice(0, -1), '-x=1']);
  });

  it('R-026 bytes that are not UTF-8 are refused wherever they come from, and nothing is stored', async () => {
    const bytes = Buffer.from('abc\u00ffdefgh', 'latin1');
    await writeFile(join(ann.folder, 'latin1.txt'), bytes);
    await run('secrets', 'set', 'biller', 'KEPT', value);
    const typed = async (words: string) => {
      const script = `"${process.execPath}" "${ann.bin}" ${words.replace('BYTES', () => String.raw`$'abc\xffdefgh'`)}`;
      return await execute('/bin/bash', ['-c', `${script} 2>&1; echo "status $?"`], {
        cwd: ann.folder,
        env: ann.environment,
      });
    };
    for (const words of [
      'secrets set biller NOT_TEXT BYTES',
      'secrets set biller NOT_TEXT --value BYTES',
      'secrets set biller NOT_TEXT --value-file latin1.txt',
      'secrets set biller NOT_TEXT --value-file - < latin1.txt',
      'secrets create biller NOT_TEXT --value=BYTES',
      'secrets update biller KEPT --value BYTES',
      'create agentenvvar --agent biller --key NOT_TEXT --value BYTES',
      'update agentenvvar --agent biller --key KEPT --value BYTES',
    ]) {
      const { stdout } = await typed(words);
      expect([words, stdout]).toEqual([
        words,
        expect.stringMatching(/value_invalid.*\nhint: .*\nstatus 2\n$/),
      ]);
      expect(stdout).not.toContain('defgh');
    }
    expect((await typed('secrets import biller --file latin1.txt')).stdout).toContain('file_invalid');
    expect(await run('secrets', 'get', 'biller', 'NOT_TEXT')).toMatchObject({ status: 5 });
    expect(await ann.ask(['secrets', 'get', 'biller', 'KEPT'])).toMatchObject({ values: [{ version: 1 }] });
  });

  it('R-026 the character U+FFFD itself is kept where it comes from a file', async () => {
    await ann.run(['secrets', 'set', 'biller', 'REPLACED', '--value-file', '-'], { input: 'a\uFFFDb' });
    const program = 'console.log(process.env.REPLACED === "a\\ufffdb")';
    const words = ['run', '--agent', 'biller', '--only', 'REPLACED', '--', process.execPath, '-e', program];
    expect(await ann.run(words)).toMatchObject({ status: 0, stdout: 'true\n' });
  });

  it('R-198 an empty value is refused; without a value and a terminal nothing hangs', async () => {
    expect(await run('secrets', 'set', 'biller', 'EMPTY', '--value=')).toMatchObject({ status: 2 });
    const none = await run('secrets', 'set', 'biller', 'EMPTY');
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('value_required');
  });

  it('R-156 create refuses a taken name, update an absent one; --overwrite makes create a set', async () => {
    await run('secrets', 'create', 'TAKEN', '--value', value);
    expect(await run('secrets', 'create', 'TAKEN', '--value', value)).toMatchObject({ status: 6 });
    expect(await run('secrets', 'update', 'ABSENT', '--value', value)).toMatchObject({ status: 5 });
    expect(await run('secrets', 'create', 'TAKEN', '--value', `${value}2`, '--overwrite')).toMatchObject({
      status: 0,
    });
  });

  it('R-155 R-199 update changes what is given and asks for nothing then', async () => {
    await run('secrets', 'create', 'DESCRIBED', '--value', value, '-d', 'before');
    const changed = await ann.ask<SecretWritten>([
      'secrets',
      'update',
      'DESCRIBED',
      '--description',
      'after',
    ]);
    expect(changed.versions).toEqual({});
    const secret = await ann.ask<SecretRecord>(['secrets', 'get', 'DESCRIBED']);
    expect(secret).toMatchObject({ description: 'after', values: [{ version: 1 }] });
  });

  it('R-023 R-187 a sealed secret with values in two environments becomes plain with a value for each', async () => {
    await run('secrets', 'create', 'TWICE', '--value', value);
    await run('secrets', 'set', 'TWICE', '--value', value, '--env', 'production');
    const update = ['secrets', 'update', 'TWICE', '--plain'];
    const refused = await run(...update, '--value', 'eu-north-1', '--env', 'production');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("--value-for 'production=TEXT' --value-for '*=TEXT'");
    expect(refused.stderr).not.toContain('eu-north-1');
    const set = await ann.run(['secrets', 'set', 'TWICE', '--plain', '--value', 'eu-north-1']);
    expect(set.stderr).toContain(
      "coffer secrets update ... --plain --value-for '*=TEXT' --value-for 'production=TEXT'",
    );
    await writeFile(join(ann.folder, 'region.txt'), 'a=b\n');
    const both = ['--value-for', 'production=eu-north-1', '--value-file-for', '*=region.txt'];
    const { versions } = await ann.ask<SecretWritten>([...update, ...both]);
    expect(versions).toEqual({ '*': 2, production: 2 });
    const { kind, values } = await ann.ask<SecretRecord>(['secrets', 'get', 'TWICE']);
    expect(kind).toBe('plain');
    expect(new Map(values.map(({ environment, value: text }) => [environment, text]))).toEqual(
      new Map([
        ['*', 'a=b'],
        ['production', 'eu-north-1'],
      ]),
    );
  });

  it.each([
    ['a value without its environment', ['--value-for', 's3cret']],
    ['two values for one environment', ['--value-for', 'staging=s3cret', '--value-for', 'staging=s3cret']],
    ['--value beside it', ['--value-for', 'staging=s3cret', '--value', 's3cret']],
    ['--env beside it', ['--value-for', 'staging=s3cret', '--env', 'staging']],
    ['an empty value', ['--value-for', 'staging=']],
  ])('R-171 R-187 %s is refused and repeats nothing', async (_, words) => {
    const { status, stdout, stderr } = await run('secrets', 'update', 'TWICE', ...words);
    expect(status).toBe(2);
    expect(stdout + stderr).not.toContain('s3cret');
  });

  it('R-318 --expect-version writes only over that version', async () => {
    await run('secrets', 'set', 'biller', 'CAS', value, '--expect-version', '0');
    const stale = await run(
      'secrets',
      'set',
      'biller',
      'CAS',
      `${value}2`,
      '--expect-version',
      '0',
      '--json',
    );
    expect(stale.status).toBe(6);
    expect(JSON.parse(stale.stderr)).toMatchObject({ code: 'version_conflict' });
    expect(await run('secrets', 'set', 'biller', 'CAS', `${value}2`, '--expect-version', '1')).toMatchObject({
      status: 0,
    });
  });

  it('R-173 a word is a name first and an id else; --id forces the id; an id elsewhere is not found', async () => {
    const { id } = await ann.ask<SecretWritten>(['secrets', 'set', 'biller', 'BY_ID', value]);
    expect(await ann.ask(['secrets', 'get', 'biller', id])).toMatchObject({ name: 'BY_ID' });
    expect(await ann.ask(['secrets', 'get', '--id', id])).toMatchObject({ name: 'BY_ID' });
    expect(await run('secrets', 'delete', 'support-bot', id)).toMatchObject({ status: 5 });
  });

  it('R-317 R-319 rollback and copy move values without showing them', async () => {
    await run('secrets', 'set', 'biller', 'MOVED', `${value}1`, '--env', 'staging');
    await run('secrets', 'set', 'biller', 'MOVED', `${value}2`, '--env', 'staging');
    const back = await run('secrets', 'rollback', 'biller', 'MOVED', '--to', '1', '--env', 'staging');
    expect(back).toMatchObject({ status: 0, stdout: '' });
    const copied = await run('secrets', 'copy', 'biller', 'MOVED', '--from', 'staging', '--to', 'production');
    expect(copied.status).toBe(0);
    const { values } = await ann.ask<SecretRecord>(['secrets', 'get', 'biller', 'MOVED']);
    expect(values.map(({ environment, version, preview }) => [environment, version, preview])).toEqual(
      expect.arrayContaining([
        ['staging', 3, '****xyz1'],
        ['production', 1, '****xyz1'],
      ]),
    );
  });
});

describe('R-170 an agent where the secret’s name belongs', () => {
  it('set makes no new secret of the vault from it; create and an existing one are meant', async () => {
    const refused = await run('secrets', 'set', 'support-bot', '--value', value);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('error: support-bot is an agent: name the secret, too. (usage_error)');
    expect(refused.stderr).not.toContain(value);
    expect(await run('secrets', 'set', 'no-such-agent', '--value', value)).toMatchObject({ status: 0 });
    expect(await run('secrets', 'create', 'support-bot', '--value', value)).toMatchObject({ status: 0 });
    expect(await run('secrets', 'set', 'support-bot', '--value', `${value}2`)).toMatchObject({ status: 0 });
    expect(await run('secrets', 'delete', 'support-bot', '--purge', '--yes')).toMatchObject({ status: 0 });
  });

  it('get and delete say so where the vault has no such secret', async () => {
    for (const verb of ['get', 'delete']) {
      const { status, stderr } = await run('secrets', verb, 'support-bot');
      expect(status).toBe(5);
      expect(stderr).toContain('hint: support-bot is an agent: name the secret, too.');
      expect((await run('secrets', verb, 'no-agent-either')).stderr).not.toContain('is an agent');
    }
  });
});

describe('a file that cannot be opened', () => {
  it.each([
    ['--file', ['secrets', 'import', '--file', 'absent.env']],
    ['--value-file', ['secrets', 'set', 'ABSENT_FILE', '--value-file', 'absent.env']],
  ])('of %s is named', async (option, words) => {
    const { status, stderr } = await run(...words);
    expect(status).toBe(2);
    expect(stderr).toContain(`absent.env, the file of ${option}, cannot be read (ENOENT). (usage_error)`);
  });
});

describe('reading secrets', () => {
  it('R-183 an agent’s list has KEY and CREATED, and the preview when asked for', async () => {
    await run('secrets', 'set', 'support-bot', 'LISTED', value);
    const plain = await run('secrets', 'list', 'support-bot');
    expect(plain.stdout).toMatch(/^KEY +CREATED\n/);
    expect(plain.stdout).toMatch(/^LISTED +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m);
    expect(plain.stdout).not.toContain('****');
    expect((await run('secrets', 'list', 'support-bot', '--preview')).stdout).toMatch(
      /^LISTED .*\*{4}wxyz$/m,
    );
  });

  it('R-186 the vault’s list has updated, name, type and storage; --values shows variables only', async () => {
    await run('secrets', 'create', 'VAULT_KEY', '--value', value);
    await run('secrets', 'create', 'REGION', '--plain', '--value', 'eu-west-1');
    const { stdout } = await run('secrets', 'list', '--values');
    expect(stdout).toMatch(/^UPDATED +NAME +TYPE +STORAGE +VALUE\n/);
    expect(stdout).toMatch(/REGION +variable +local +eu-west-1$/m);
    expect(stdout).toMatch(/VAULT_KEY +secret +local +\*{6}$/m);
    expect(stdout).not.toContain(value);
  });

  it('R-204 an empty list names its scope on stderr and is [] in JSON', async () => {
    await run('project', 'create', 'bare');
    expect(await run('secrets', 'list', '--project', 'bare')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'No secrets in project bare.\n',
    });
    expect(await ann.ask(['secrets', 'list', '--project', 'bare'])).toEqual([]);
  });

  it('R-262 --all lists what the agent receives from its project too, with the source', async () => {
    await run('secrets', 'set', '--project', 'default', 'SHARED_KEY', value);
    const { stdout } = await run('secrets', 'list', 'biller', '--all');
    expect(stdout).toMatch(/^SHARED_KEY +project /m);
  });

  it('control characters of a description are harmless on the terminal', async () => {
    await run('secrets', 'set', 'biller', 'EVIL', value, '-d', 'a\u001b[31m\nName  FORGED');
    const { stdout } = await run('secrets', 'get', 'biller', 'EVIL');
    expect(stdout).toContain('a\\u001b[31m');
    expect(stdout).not.toMatch(/^Name {2}FORGED/m);
    expect((await run('list', 'agentenvvars', '--agent', 'biller')).stdout).not.toContain('\u001b');
  });
});

describe('deleting secrets', () => {
  it('R-184 R-039 a value, then the whole secret, and back', async () => {
    await run('secrets', 'set', 'biller', 'GONE', value);
    await run('secrets', 'set', 'biller', 'GONE', value, '--env', 'staging');
    expect(await run('secrets', 'delete', 'biller', 'GONE', '--env', 'staging')).toMatchObject({ status: 0 });
    expect(await run('secrets', 'delete', 'biller', 'GONE', '--env', '*')).toMatchObject({ status: 6 });
    const deleted = await run('secrets', 'delete', 'biller', 'GONE');
    expect(deleted).toMatchObject({ status: 0, stdout: '' });
    expect(deleted.stderr).toContain('coffer secrets restore');
    expect(await run('secrets', 'get', 'biller', 'GONE')).toMatchObject({ status: 5 });
    expect(await run('secrets', 'restore', 'biller', 'GONE')).toMatchObject({ status: 0 });
    expect(await run('secrets', 'get', 'biller', 'GONE')).toMatchObject({ status: 0 });
  });

  it.each([
    ['secrets delete', ['secrets', 'delete', 'biller', 'WATCHED']],
    ['delete agentenvvar', ['delete', 'agentenvvar', '--agent', 'biller', '--key', 'WATCHED']],
  ])('R-318 %s --expect-version deletes only that version', async (_, words) => {
    await run('secrets', 'set', 'biller', 'WATCHED', value);
    await run('secrets', 'set', 'biller', 'WATCHED', `${value}2`);
    const stale = await run(...words, '--expect-version', '1', '--json');
    expect(stale.status).toBe(6);
    expect(JSON.parse(stale.stderr)).toMatchObject({ code: 'version_conflict' });
    expect(await run('secrets', 'get', 'biller', 'WATCHED')).toMatchObject({ status: 0 });
    expect(await run(...words, '--expect-version', '2')).toMatchObject({ status: 0 });
    expect(await run('secrets', 'get', 'biller', 'WATCHED')).toMatchObject({ status: 5 });
  });

  it('R-318 --expect-version removes one environment’s value only in that version', async () => {
    await run('secrets', 'set', 'biller', 'KEPT', value, '--env', 'staging');
    await run('secrets', 'set', 'biller', 'KEPT', `${value}2`, '--env', 'staging');
    await run('secrets', 'set', 'biller', 'KEPT', value);
    const words = ['secrets', 'delete', 'biller', 'KEPT', '--env', 'staging', '--expect-version'];
    const stale = await run(...words, '1', '--json');
    expect(stale.status).toBe(6);
    expect(JSON.parse(stale.stderr)).toMatchObject({ code: 'version_conflict' });
    expect(await run(...words, '2')).toMatchObject({ status: 0 });
    const { values } = await ann.ask<SecretRecord>(['secrets', 'get', 'biller', 'KEPT']);
    expect(values.map(({ environment }) => environment)).toEqual(['*']);
  });

  it('R-201 destroying for good needs somebody to confirm it, or --yes', async () => {
    await run('secrets', 'set', 'biller', 'PURGED', value);
    expect(await run('secrets', 'delete', 'biller', 'PURGED', '--purge')).toMatchObject({ status: 2 });
    expect(await run('secrets', 'delete', 'biller', 'PURGED', '--purge', '--yes')).toMatchObject({
      status: 0,
    });
    expect(await run('secrets', 'restore', 'biller', 'PURGED')).toMatchObject({ status: 5 });
  });
});

describe('import and example', () => {
  const write = (text: string) => writeFile(join(ann.folder, '.env'), text);
  const lines = (text: string) => text.split('\n');

  it('R-189 R-210 R-211 R-212 R-214 one line for each key, then the counts', async () => {
    await run('secrets', 'set', '--project', 'bare', 'TAKEN', value);
    await write(`# all kinds\nNEW=${value}\nREGION=eu\nTAKEN=other-value-here\nBLANK=\nNEW=${value}9\n`);
    const imported = await run(
      ...['secrets', 'import', '--project', 'bare', '-f', '.env', '--plain-keys', 'REGION,MISSING'],
    );
    expect(imported.status).toBe(0);
    expect(lines(imported.stdout)).toEqual(
      expect.arrayContaining([
        'NEW: imported secret',
        'REGION: imported variable',
        'TAKEN: skipped existing',
        'BLANK: skipped blank',
        '1 imported secret, 1 imported variable, 1 skipped existing, 1 skipped blank.',
      ]),
    );
    expect(imported.stderr).toContain('NEW is in lines 2 and 6; the last counts');
    expect(imported.stderr).toContain('MISSING of --plain-keys is not in the file');
    expect(imported.stdout + imported.stderr).not.toContain(value);
  });

  it('R-211 --on-conflict error writes nothing; --overwrite writes a version; --dry-run only says so', async () => {
    await run('project', 'create', 'conflict');
    const place = ['--project', 'conflict', '-f', '.env'];
    await run('secrets', 'set', '--project', 'conflict', 'OLD', value);
    await write('OLD=a-newer-value\nFRESH=a-fresh-value\n');
    const refused = await run('secrets', 'import', ...place, '--on-conflict', 'error');
    expect(refused.status).not.toBe(0);
    expect(await run('secrets', 'import', ...place, '--overwrite', '--dry-run')).toMatchObject({ status: 0 });
    expect(await ann.ask<SecretRecord[]>(['secrets', 'list', '--project', 'conflict'])).toHaveLength(1);
    const overwritten = await run('secrets', 'import', ...place, '--overwrite');
    expect(lines(overwritten.stdout)).toContain('OLD: overwritten');
  });

  it('R-213 a line that does not parse stops it before any write, with its number and not its text', async () => {
    await write(`GOOD=${value}\nnot a line s3cret\n`);
    const { status, stdout, stderr } = await run('secrets', 'import', '--project', 'bare', '-f', '.env');
    expect(status).toBe(2);
    expect(stderr).toContain('Line 2');
    expect(stderr).toContain('file_invalid');
    expect(stdout + stderr).not.toContain('s3cret');
    expect(await run('secrets', 'get', '--project', 'bare', 'GOOD')).toMatchObject({ status: 5 });
  });

  it('R-291 a file that git does not ignore gets a warning, an ignored one none', async () => {
    const { execFileSync } = await import('node:child_process');
    const repository = join(ann.folder, 'repository');
    await mkdir(repository);
    execFileSync('git', ['init', '--quiet', repository]);
    await writeFile(join(repository, '.env'), `IN_GIT=${value}\n`);
    const words = ['secrets', 'import', '--project', 'bare', '-f', 'repository/.env', '--dry-run'];
    expect((await run(...words)).stderr).toContain('git does not ignore the file');
    await writeFile(join(repository, '.gitignore'), '.env\n');
    expect((await run(...words)).stderr).not.toContain('git');
  });

  it('R-291 what the repository’s configuration names is not run, and git has no credential', async () => {
    const { execFileSync } = await import('node:child_process');
    const repository = join(ann.folder, 'hostile');
    const git = (...words: string[]) => execFileSync('git', ['-C', repository, ...words]);
    await mkdir(repository);
    git('init', '--quiet');
    const hook = join(repository, 'hook');
    await writeFile(hook, `#!/bin/sh\nenv > '${hook}.ran'\n`, { mode: 0o755 });
    await writeFile(join(repository, '.env'), `IN_GIT=${value}\n`);
    git('add', 'hook');
    git('config', 'core.fsmonitor', hook);
    // A git of our own, which shows what it is given.
    const tools = join(ann.folder, 'tools');
    await mkdir(tools);
    await writeFile(
      join(tools, 'git'),
      `#!/bin/sh\nenv > '${tools}/seen'\nPATH=\${PATH#*:} exec git "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const { stderr } = await ann.run(
      ['secrets', 'import', '--project', 'bare', '-f', 'hostile/.env', '--dry-run'],
      { environment: { PATH: `${tools}:${process.env['PATH'] ?? ''}` } },
    );
    expect(stderr).toContain('git does not ignore the file');
    await expect(readFile(`${hook}.ran`, 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(join(tools, 'seen'), 'utf8')).not.toContain('COFFER_');
  });

  it('R-215 example writes names and descriptions, never values, and replaces no file unasked', async () => {
    await run('project', 'create', 'shown');
    await run('secrets', 'set', '--project', 'shown', 'SHOWN_KEY', value, '-d', 'charges cards');
    await run('secrets', 'set', '--project', 'shown', 'SHOWN_REGION', 'eu-west-1', '--plain');
    expect(await run('secrets', 'example', '--project', 'shown')).toMatchObject({ status: 0, stdout: '' });
    const text = await readFile(join(ann.folder, '.env.example'), 'utf8');
    expect(text).toContain('# charges cards\nSHOWN_KEY=your-value-here\n');
    expect(text).not.toMatch(/sk_live|eu-west/);
    expect(await run('secrets', 'example', '--project', 'shown')).toMatchObject({ status: 2 });
    expect((await run('secrets', 'example', '--project', 'shown', '--file', '-')).stdout).toBe(text);
  });
});

describe('the verb-noun forms', () => {
  it('R-175 to R-180 create, list, update, describe and delete an agent’s variable', async () => {
    const words = [
      '--agent',
      'biller',
      '--key',
      'ENVVAR',
      '--value',
      value,
      '--description',
      'charges cards',
    ];
    const { id } = await ann.ask<SecretWritten>(['create', 'agentenvvar', ...words]);
    const listed = await run('list', 'agentenvvars', '--agent', 'biller');
    expect(listed.stdout).toMatch(/^ID +KEY +PREVIEW +DESCRIPTION +UPDATED\n/);
    expect(listed.stdout).toMatch(new RegExp(`^${id} +ENVVAR +\\*{4}wxyz +charges cards +\\d{4}`, 'm'));
    expect(await run('update', 'agentenvvar', id, '--value', `${value}2`)).toMatchObject({ status: 0 });
    expect(await run('update', 'agentenvvar', id, '--description', 'new')).toMatchObject({ status: 0 });
    expect(await ann.ask(['describe', 'agentenvvar', id])).toMatchObject({
      description: 'new',
      values: [{ version: 2, preview: '****xyz2' }],
      versions: [{ version: 2 }, { version: 1 }],
    });
    expect(await run('delete', 'agentenvvar', id)).toMatchObject({ status: 0 });
    expect(await run('describe', 'agentenvvar', id)).toMatchObject({ status: 5 });
  });

  it('R-175 --agent and --key are required', async () => {
    expect(await run('create', 'agentenvvar', '--agent', 'biller', '--value', 'x')).toMatchObject({
      status: 2,
    });
    expect(await run('create', 'agentenvvar', '--key', 'X', '--value', 'x')).toMatchObject({ status: 2 });
  });
});
