import { checkArchitecturePaths } from './imports/architecture-paths.ts';
import { checkFileNames } from './imports/file-names.ts';
import { readHouse, type Violation } from './imports/house.ts';
import { findCycles } from './imports/import-cycles.ts';
import { checkImportsOf } from './imports/import-rules.ts';

/** Every broken rule of the house under `root`: imports, cycles, dependencies, file names, paths in ARCHITECTURE.md. */
export function checkHouse(root: string): Violation[] {
  const house = readHouse(root);
  return [
    ...[...house.files.values()].flatMap((file) => checkImportsOf(house, file)),
    ...findCycles(house),
    ...checkFileNames(house),
    ...checkArchitecturePaths(root),
  ];
}

export function formatViolation({ at, rule, message }: Violation): string {
  return `${at}  ${rule}: ${message}`;
}

if (import.meta.main) {
  const violations = checkHouse(process.cwd());
  for (const violation of violations) console.log(formatViolation(violation));
  console.log(
    violations.length === 0 ? 'The imports are as the table says.' : `${violations.length} broken rules`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
