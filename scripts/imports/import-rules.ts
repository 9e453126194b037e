import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Room } from '../import-table.ts';
import type { House, SourceFile, Violation } from './house.ts';
import { packageNameOf } from './packages.ts';
import type { Import } from './read-imports.ts';

/** The file of this repository that an import leads to; undefined when it leads out or to no code file. */
export function resolveImport(house: House, file: SourceFile, specifier: string): SourceFile | undefined {
  if (isRelative(specifier)) return house.files.get(relativeTarget(file, specifier));
  const target = house.packages.get(packageNameOf(specifier))?.publicNames.get(specifier);
  return target === undefined ? undefined : house.files.get(target);
}

export function checkImportsOf(house: House, file: SourceFile): Violation[] {
  if (file.room === undefined) {
    return [{ at: file.path, rule: 'room', message: 'is in no room of the import table' }];
  }
  const { room } = file;
  return file.imports.flatMap((found) => {
    const broken = checkImport({ house, file, room }, found);
    return broken === undefined ? [] : [{ at: `${file.path}:${found.line}`, ...broken }];
  });
}

interface Place {
  readonly house: House;
  readonly file: SourceFile;
  readonly room: Room;
}

type BrokenRule = Omit<Violation, 'at'>;

function checkImport(place: Place, { specifier }: Import): BrokenRule | undefined {
  const { house, file } = place;
  if (specifier === undefined) {
    return file.isTool
      ? undefined
      : { rule: 'computed', message: 'imports a computed name, which no check can follow' };
  }
  if (isRelative(specifier)) return checkRelative(place, specifier);
  if (isBuiltin(specifier)) return undefined;
  return (
    checkDeclared(house, file, specifier) ?? checkPublic(house, specifier) ?? checkDirection(place, specifier)
  );
}

function checkRelative(place: Place, specifier: string): BrokenRule | undefined {
  const path = relativeTarget(place.file, specifier);
  if (unitOf(path) !== unitOf(place.file.path)) {
    return { rule: 'deep', message: `reaches into ${unitOf(path)} by path; import its public name` };
  }
  return checkDirection(place, specifier);
}

function checkDeclared(house: House, file: SourceFile, specifier: string): BrokenRule | undefined {
  const name = packageNameOf(specifier);
  const { dependencies, devDependencies } = file.package;
  if (dependencies.has(name) || file.package.name === name) return undefined;
  // Tests and tools share the development dependencies of the workspace.
  if (file.isTool && (devDependencies.has(name) || house.workspace.devDependencies.has(name)))
    return undefined;
  return {
    rule: 'undeclared',
    message: `imports ${name}, which ${file.package.folder}/package.json does not declare`,
  };
}

function checkPublic(house: House, specifier: string): BrokenRule | undefined {
  const ours = house.packages.get(packageNameOf(specifier));
  if (ours === undefined || ours.publicNames.has(specifier)) return undefined;
  return { rule: 'deep', message: `imports ${specifier}, which the exports of ${ours.name} do not name` };
}

function checkDirection({ house, file, room }: Place, specifier: string): BrokenRule | undefined {
  const target = resolveImport(house, file, specifier)?.room;
  if (target === undefined || target.name === room.name || room.mayImport.includes(target.name))
    return undefined;
  if (target.name === 'testkit') {
    return file.isTest ? undefined : { rule: 'direction', message: 'imports testkit, which only tests may' };
  }
  const mayImportPublic = room.mayImport.includes('public') || file.isTest;
  if (mayImportPublic && !isRelative(specifier)) return undefined;
  return { rule: 'direction', message: `${room.name} may not import ${target.name} (${specifier})` };
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

function relativeTarget(file: SourceFile, specifier: string): string {
  return posix.join(posix.dirname(file.path), specifier.replace(/\?.*$/, ''));
}

/** What is reached from outside only by a public name: a package, or a folder at the root; files there go with scripts. */
function unitOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  if (top === 'packages') return `${top}/${second}`;
  return path.includes('/') ? top : 'scripts';
}
