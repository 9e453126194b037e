import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { removeFile, writePrivateFile } from '../../connection/private-file.ts';
import { listFolder } from '../../process/list-folder.ts';
import { type KeptPlace, findSealedJson, nameOf, sealJson } from './kept-delivery.ts';

/** A start without the server, as the audit trail is to have it. */
export interface OfflineNote {
  readonly agent: string;
  readonly environment: string;
  readonly startedAt: string;
  readonly deliveredBy: string;
}

// One file for each start, `<name of the delivery>.start.<UUID>`: it outlives the delivery, and starts at the
// same time do not write over each other.
const pathOf = (folder: string, place: KeptPlace, id: string): string =>
  join(folder, `${nameOf(place)}.start.${id}`);

export const writeNote = (folder: string, place: KeptPlace, note: OfflineNote): void =>
  writePrivateFile(pathOf(folder, place, randomUUID()), sealJson(place, 'note', note));

/** The ids of the notes for these words. */
export function listNotes(folder: string, place: KeptPlace): readonly string[] {
  const prefix = `${nameOf(place)}.start.`;
  return listFolder(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((id) => /^[0-9a-f-]{36}$/.test(id));
}

/** Undefined where it does not open, or is gone. */
export const findNote = (folder: string, place: KeptPlace, id: string): OfflineNote | undefined =>
  findSealedJson(place, 'note', pathOf(folder, place, id)) as OfflineNote | undefined;

export const dropNote = (folder: string, place: KeptPlace, id: string): void =>
  removeFile(pathOf(folder, place, id));
