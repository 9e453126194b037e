import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ProcessEnvironment, findSetting } from '../../connection/configuration-folder.ts';

/** Where deliveries are kept for starts without the server. */
export function offlineFolder(environment: ProcessEnvironment): string {
  const cache = findSetting(environment, 'XDG_CACHE_HOME');
  return join(cache ?? join(homedir(), '.cache'), 'coffer', 'offline');
}
