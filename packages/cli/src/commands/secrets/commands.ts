import type { Command } from '@coffer/contract';
import { copySecret } from './copy.ts';
import { createSecret } from './create.ts';
import { deleteSecret } from './delete.ts';
import { destroyVersion } from './destroy-version.ts';
import { writeExampleFile } from './example.ts';
import { getSecret } from './get.ts';
import { listHistory } from './history.ts';
import { importSecrets } from './import.ts';
import { listSecrets } from './list.ts';
import { restoreSecret } from './restore.ts';
import { rollbackSecret } from './rollback.ts';
import { setSecret } from './set.ts';
import { updateSecret } from './update.ts';

export const secretCommands: readonly Command[] = [
  setSecret,
  createSecret,
  updateSecret,
  listSecrets,
  getSecret,
  deleteSecret,
  restoreSecret,
  listHistory,
  rollbackSecret,
  copySecret,
  destroyVersion,
  importSecrets,
  writeExampleFile,
];
