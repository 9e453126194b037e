import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob, posix } from 'node:path';
import { type Room, rooms, testFiles, toolFiles } from '../import-table.ts';
import { type Package, readPackage } from './packages.ts';
import { type Import, readImports } from './read-imports.ts';

/** A code file of the repository; `path` is from the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly room: Room | undefined;
  readonly isTest: boolean;
  /** True for what never ships, so that its development dependencies count. */
  readonly isTool: boolean;
  readonly package: Package;
  readonly imports: readonly Import[];
}

/** The repository as the checks see it: every code file by path, every package by name. */
export interface House {
  readonly root: string;
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly packages: ReadonlyMap<string, Package>;
  /** The package.json at the root. */
  readonly workspace: Package;
}

/** One broken rule, and the file (and line) that breaks it. */
export interface Violation {
  readonly at: string;
  readonly rule: 'room' | 'direction' | 'deep' | 'undeclared' | 'computed' | 'cycle' | 'name' | 'path';
  readonly message: string;
}

const codeFolders = ['packages', 'conformance', 'bench', 'demo', 'scripts'];
const notOurCode = new Set(['node_modules', 'dist', 'coverage', 'golden']);

export function readHouse(root: string): House {
  const paths = ['', ...codeFolders].flatMap((folder) => [...listFiles(root, folder)]);
  const folders = paths
    .filter((path) => posix.basename(path) === 'package.json')
    .map((path) => posix.dirname(path));
  const packages = folders.map((folder) => readPackage(root, folder));
  const files = paths
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
    .map((path) => readSource(root, path, findPackage(packages, path)));
  return {
    root,
    files: new Map(files.map((file) => [file.path, file])),
    packages: new Map(packages.map((found) => [found.name, found])),
    workspace: findPackage(packages, 'package.json'),
  };
}

function* listFiles(root: string, folder: string): Generator<string> {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isFile()) yield path;
    const isOurs = folder !== '' && !notOurCode.has(entry.name) && !entry.name.startsWith('.');
    if (entry.isDirectory() && isOurs) yield* listFiles(root, path);
  }
}

function findPackage(packages: readonly Package[], path: string): Package {
  const folder = posix.dirname(path);
  const found = packages.find((candidate) => candidate.folder === folder);
  if (found !== undefined) return found;
  if (folder === '.') throw new Error('There is no package.json at the root.');
  return findPackage(packages, folder);
}

function readSource(root: string, path: string, owner: Package): SourceFile {
  const matches = (globs: readonly string[]): boolean => globs.some((glob) => matchesGlob(path, glob));
  const room = rooms.find((candidate) => matches(candidate.files));
  const isTest = matches(testFiles);
  return {
    path,
    room,
    isTest,
    isTool: isTest || room?.ships === 'never' || matches(toolFiles),
    package: owner,
    imports: readImports(path, readFileSync(join(root, path), 'utf8')),
  };
}
