import { callerOf, runCoffer, startServer, type RunOptions } from '@coffer/testkit';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPlanted, plantValues } from './planted-forms.ts';

const server = await startServer();
const owner = callerOf(server.url, server.ownerToken);
const home = mkdtempSync(join(tmpdir(), 'coffer-home-'));
afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

/** A person with an own home and nothing else, whose files can be searched. */
const environment = {
  HOME: home,
  XDG_CONFIG_HOME: join(home, '.config'),
  XDG_CACHE_HOME: join(home, '.cache'),
  XDG_DATA_HOME: join(home, '.local/share'),
  TMPDIR: home,
  COFFER_URL: server.url,
};
const coffer = (words: readonly string[], options: RunOptions = {}) =>
  runCoffer(words, { ...options, environment: { ...environment, ...options.environment } });

const has = (program: string): boolean => {
  if (spawnSync(program, ['--version']).error === undefined) return true;
  process.stderr.write(`${program} was not found: that agents read secrets in it is not tested.\n`);
  return false;
};

describe('reading what a start delivers (R-094)', () => {
  const url = 'postgres://app:p%40ss@db.example.com:5432/app?sslmode=require&x="1"';
  /** The length and the digest tell that the value is there unchanged; the value itself would be masked. */
  const languages: readonly (readonly [string, readonly string[]])[] = [
    ['node', ['-e', 'process.stdout.write(String(process.env.DATABASE_URL === process.env.EXPECTED_URL))']],
    [
      'python3',
      [
        '-c',
        'import os; print(str(os.environ["DATABASE_URL"] == os.environ["EXPECTED_URL"]).lower(), end="")',
      ],
    ],
    ['bash', ['-c', '[[ $DATABASE_URL == "$EXPECTED_URL" ]] && printf true']],
    ['perl', ['-e', 'print $ENV{DATABASE_URL} eq $ENV{EXPECTED_URL} ? "true" : "false"']],
  ];
  for (const [program, words] of languages) {
    it.skipIf(!has(program))(
      `R-094 ${program} finds it in its environment, without code of ours`,
      async () => {
        await owner.agents.create({ slug: `in-${program}` });
        await owner.secrets.set(`in-${program}`, 'DATABASE_URL', url);
        const { key } = await owner.keys.create({
          agent: `in-${program}`,
          rights: ['run'],
          environments: ['development'],
        });
        const ran = await coffer(['run', '--agent', `in-${program}`, '--', program, ...words], {
          environment: { COFFER_API_KEY: key, EXPECTED_URL: url },
        });
        expect(ran).toMatchObject({ status: 0, stdout: 'true' });
      },
    );
  }
});

describe('what the command line keeps (R-090)', () => {
  const filesBelow = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  it('R-090 R-107 no value is in any file after logging in, writing, importing, reading and running', async () => {
    const planted = plantValues();
    const outside = mkdtempSync(join(tmpdir(), 'coffer-given-'));
    const given = join(outside, 'given.env');
    writeFileSync(given, planted.map(({ value }, at) => `FILE_${at}=${JSON.stringify(value)}`).join('\n'));
    const dataDir = ['--data-dir', server.dataDir];
    const steps: [readonly string[], string?][] = [
      [['login', '--local', ...dataDir]],
      [['agent', 'create', 'keeper']],
      ...planted.map(({ value }, at): [readonly string[], string] => [
        ['secrets', 'set', 'keeper', `KEY_${at}`, '--value-file', '-'],
        value,
      ]),
      [['secrets', 'set', 'keeper', 'AS_WORD', planted[0]?.value ?? '']],
      [['secrets', 'import', 'keeper', '--file', given, '--overwrite']],
      [['secrets', 'list', 'keeper', '--json']],
      [['run', '--agent', 'keeper', '--', 'sh', '-c', 'printf "%s" "$KEY_0" | wc -c']],
      [['run', '--agent', 'keeper', '--preview']],
    ];
    for (const [words, input] of steps) {
      const ran = await coffer(words, input === undefined ? {} : { input });
      expect({ words: words.slice(0, 2), status: ran.status }).toEqual({
        words: words.slice(0, 2),
        status: 0,
      });
    }
    rmSync(outside, { recursive: true });
    const files = filesBelow(home);
    expect(files.some((file) => file.endsWith('session.json'))).toBe(true);
    for (const file of files)
      expect({ file, found: findPlanted(readFileSync(file), planted) }).toEqual({ file, found: [] });
  });
});
