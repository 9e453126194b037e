/** `due`: asked for, and set before the next statement that writes. */
export type SavepointState = 'none' | 'due' | 'set';

/** Whether a compiled statement may change rows. Kysely writes reads as `select` and nothing else. */
export const isWrite = (text: string): boolean => !text.startsWith('select ');
