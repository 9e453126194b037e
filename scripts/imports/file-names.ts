import { posix } from 'node:path';
import type { House, Violation } from './house.ts';

const saysNothing = /^(utils?|helpers?|common|misc|managers?|types)$|-(utils?|helpers?|common|misc|fns)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A file is named for what it holds, in kebab-case. */
export function checkFileNames(house: House): Violation[] {
  return [...house.files.keys()].flatMap((path) => {
    const stem = posix.basename(path).replace(/\..*$/, '');
    const names = [stem, ...posix.dirname(path).split('/')];
    const vague = names.find((name) => saysNothing.test(name));
    if (vague !== undefined) return [violation(path, `"${vague}" does not say what is in it`)];
    return kebabCase.test(stem) ? [] : [violation(path, 'is not in kebab-case')];
  });
}

function violation(at: string, message: string): Violation {
  return { at, rule: 'name', message };
}
