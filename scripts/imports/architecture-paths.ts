import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from './house.ts';

const page = 'ARCHITECTURE.md';
const folders = /^(packages|conformance|bench|demo|docs|scripts|\.ci|terraform-provider-coffer|sdk-python)\//;
const fileAtRoot = /^[\w.-]+\.(md|ts|mjs)$/;

/** Every path in backticks in ARCHITECTURE.md exists. `<noun>` and `*` stand for any name. */
export function checkArchitecturePaths(root: string): Violation[] {
  if (!existsSync(join(root, page))) return [{ at: page, rule: 'path', message: 'does not exist' }];
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  return lines.flatMap((line, index) =>
    listPaths(line)
      .filter((path) => !matchesSomething(root, path))
      .map((path): Violation => ({
        at: `${page}:${index + 1}`,
        rule: 'path',
        message: `${path} does not exist`,
      })),
  );
}

function listPaths(line: string): string[] {
  const quoted = [...line.matchAll(/`([^`\s]+)`/g)].map(([, text = '']) => text);
  return quoted.filter((text) => folders.test(text) || fileAtRoot.test(text));
}

function matchesSomething(root: string, path: string): boolean {
  const glob = path.replace(/<[^>]+>/g, '*').replace(/\/$/, '');
  return glob.includes('*') ? globSync(glob, { cwd: root }).length > 0 : existsSync(join(root, glob));
}
