import { errorTable, policySwitchNames } from '@coffer/contract';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFault, readCalls } from './command-lines.ts';
import { settingNames } from './settings.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const listPages = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const pages = ['.', 'docs', 'conformance', 'bench'].flatMap(listPages);

/** The cells of every row of the tables in this Markdown, heads included. */
const readRows = (markdown: string): string[][] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((text) => text.trim()),
    );

const readCode = (markdown: string): string =>
  [...markdown.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, code = '']) => code).join('\n');

const anchorsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

const linkTargets = (cell: string): string[] =>
  [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);

const findBrokenLinks = (page: string): string[] =>
  [
    ...read(page)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : relative(root, join(root, dirname(page), path));
    if (!existsSync(join(root, file))) return [`${page}: ${target}`];
    return anchor === undefined || anchorsOf(read(file)).includes(anchor) ? [] : [`${page}: ${target}`];
  });

describe('the pages for people', () => {
  it.each(pages)('every link in %s leads somewhere', (page) => {
    expect(findBrokenLinks(page)).toEqual([]);
  });

  it('docs/README.md links every other page of docs/', () => {
    const links = linkTargets(read('docs/README.md'));
    const names = listPages('docs').map((page) => relative('docs', page));
    expect(names.filter((name) => name !== 'README.md' && !links.includes(name))).toEqual([]);
  });

  it.each(['README.md', 'docs/operations.md', 'docs/policy.md', 'packages/coffer/README.md'])(
    'every call of coffer in %s is one that exists',
    async (page) => {
      const calls = readCalls(readCode(read(page)));
      expect(calls).not.toEqual([]);
      const faults = await Promise.all(calls.map(findFault));
      expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
    },
  );

  it('every script that README.md and CONTRIBUTING.md name is in package.json', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...`${read('README.md')}${read('CONTRIBUTING.md')}`.matchAll(/npm run ([a-z:]+)/g)];
    expect(named.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([]);
  });

  it('docs/operations.md lists every setting of the server, with its variable, and no other', () => {
    const [, section = ''] = /^## Settings\n(.*?)^## /ms.exec(read('docs/operations.md')) ?? [];
    const listed = readRows(section)
      .slice(1)
      .map(([flag, variable]) => [flag, variable]);
    expect(listed.toSorted()).toEqual(
      settingNames()
        .map((name) => [`\`${name}\``, `\`COFFER_${name.toUpperCase().replaceAll('-', '_')}\``])
        .toSorted(),
    );
  });

  it('docs/errors.md has an anchor for every code, which the type of a problem ends with', () => {
    const anchors = new Set(anchorsOf(read('docs/errors.md')));
    expect(Object.keys(errorTable).filter((code) => !anchors.has(code))).toEqual([]);
  });

  it('docs/policy.md has a row for every switch', () => {
    const [, ...rows] = readRows(read('docs/policy.md'));
    expect(rows.map(([name]) => name)).toEqual(policySwitchNames.map((name) => `\`${name}\``));
  });
});

interface Promised {
  readonly id: string;
  readonly words: string;
  readonly files: readonly string[];
}

const isPromise = ([id = '']: readonly string[]): boolean => /^P\d+$/.test(id);

const promisesOfSecurity = (): Promised[] =>
  readRows(read('SECURITY.md'))
    .filter(isPromise)
    .map(([id = '', words = '', files = '']) => ({ id, words, files: linkTargets(files) }));

interface Holding extends Promised {
  readonly rows: string;
  readonly tests: readonly { file: string; name: string }[];
}

const promisesOfConformance = (): Holding[] => {
  const holdings: Holding[] = [];
  for (const [id = '', words = '', rows = '', file = '', name = ''] of readRows(
    read('conformance/README.md'),
  )) {
    const [target = ''] = linkTargets(file);
    const test = { file: relative(root, join(root, 'conformance', target)), name };
    if (isPromise([id])) holdings.push({ id, words, rows, files: [test.file], tests: [test] });
    else if (id === '' && holdings.length > 0) {
      const last = holdings.pop();
      if (last === undefined) continue;
      const files = [...new Set([...last.files, test.file])];
      holdings.push({ ...last, files, tests: [...last.tests, test] });
    }
  }
  return holdings;
};

describe('the promises', () => {
  const holdings = promisesOfConformance();

  it('SECURITY.md and conformance/README.md make the same ones, held by the same files', () => {
    const inConformance = holdings.map(({ id, words, files }) => ({ id, words, files }));
    expect(inConformance.length).toBeGreaterThan(0);
    expect(promisesOfSecurity()).toEqual(inConformance);
  });

  it.each(holdings.flatMap(({ id, tests }) => tests.map((test) => ({ id, ...test }))))(
    '$id is held by "$name" in $file',
    ({ file, name }) => {
      expect(read(file)).toContain(name);
    },
  );

  it.each(holdings)('$id comes from rows that its tests cite', ({ rows, files }) => {
    const cited = files.map(read).join('\n');
    expect(rows.split(' ').filter((row) => !/^R-\d{3}$/.test(row) || !cited.includes(row))).toEqual([]);
  });
});
