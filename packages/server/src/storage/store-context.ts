import type { Kysely } from 'kysely';
import type { Engine, Session } from './engines/engine.ts';
import type { Tables } from './tables.ts';

/** What a store is built over: queries of one session, and the session itself for SQL compiled before. */
export interface StoreContext {
  readonly queries: Kysely<Tables>;
  readonly session: Session;
  readonly engine: Pick<Engine, 'rowLock' | 'insertChunks'>;
}
