import type { House, SourceFile, Violation } from './house.ts';
import { resolveImport } from './import-rules.ts';

/** Finds imports that lead back to their file at run time; one violation for each group of entangled files. */
export function findCycles(house: House): Violation[] {
  const edges = new Map([...house.files.values()].map((file) => [file.path, runtimeImports(house, file)]));
  const entangled = new Set<string>();
  return [...edges.keys()].flatMap((path): Violation[] => {
    if (entangled.has(path)) return [];
    const cycle = findWayBack(edges, path);
    if (cycle === undefined) return [];
    for (const member of cycle) entangled.add(member);
    return [{ at: path, rule: 'cycle', message: `imports itself: ${[...cycle, path].join(' -> ')}` }];
  });
}

function runtimeImports(house: House, file: SourceFile): string[] {
  return file.imports.flatMap(({ specifier, typeOnly }) => {
    const target = typeOnly || specifier === undefined ? undefined : resolveImport(house, file, specifier);
    return target === undefined ? [] : [target.path];
  });
}

/** The shortest way from a file back to itself, starting with the file. */
function findWayBack(edges: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const next of edges.get(path) ?? []) {
      if (next === start) return trace(cameFrom, start, path);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

function trace(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way: string[] = [];
  for (let path: string | undefined = end; path !== undefined && path !== start; path = cameFrom.get(path))
    way.unshift(path);
  return [start, ...way];
}
