import type { CommandTerminal, VersionRecord } from '@coffer/contract';
import { showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';

/** Number, environment, kind of change, actor and time of each version; never a value. */
export const showVersions = (terminal: CommandTerminal, versions: readonly VersionRecord[]): Promise<void> =>
  showList(terminal, {
    items: versions,
    columns: {
      VERSION: ({ version }) => String(version),
      ENVIRONMENT: ({ environment }) => environment,
      CHANGE: ({ change }) => change,
      STORAGE: ({ storage }) => storage,
      CREATED: ({ createdAt }) => showInstant(createdAt),
      BY: ({ createdBy }) => createdBy,
      STATE: ({ current, destroyedAt }) => (current ? 'current' : destroyedAt === null ? '' : 'destroyed'),
    },
    empty: 'No versions.',
  });
