import type { Session } from './engines/engine.ts';
import { isWrite, type BatchSession, type JobSession, type Sent } from './engines/savepoint.ts';
import { StatementFault } from './engines/statement-fault.ts';

/** Rows of one kind that jobs have written, and how they are stored together. */
export interface Shelf<Row> {
  /** Rows of a lower number are stored first: others refer to them. */
  readonly order: number;
  /** Runs its statements in order, without waiting in between. */
  store(session: Session, rows: readonly Row[]): Promise<void>;
}

/** An id, or an id and a text, as one key; an id holds no line break. */
export const joinKey = (id: string, text?: string): string => (text === undefined ? id : `${id}\n${text}`);

/** Something looked up by key, for many keys in one query. */
export interface Lookup<Value> {
  find(keys: readonly string[]): Promise<ReadonlyMap<string, Value>>;
  /** What a key without rows stands for. */
  readonly absent: Value;
}

interface Kept {
  readonly shelf: Shelf<never>;
  readonly row: unknown;
}

interface Question {
  readonly keys: Set<string>;
  readonly answer: Promise<ReadonlyMap<string, unknown>>;
}

const pastAppending = () => new StatementFault('conflict', 'appending');
const done = Promise.resolve();

/** By id, then by the whole key. */
type Known = Map<string, Map<string, Promise<unknown>>>;

/** What a batch changes: keys, or ids for all keys of one; or anything at all. */
type Changed = Map<Lookup<never>, Set<string> | 'any'>;

/** A batch on its way to the disk: what it changes cannot be read yet. */
interface UnderWay {
  readonly changed: Changed;
  /** Settles, whether it got there or not. */
  readonly landed: Promise<unknown>;
}

/**
 * What the jobs of one batch wrote and read of the rows that most of them are about. Rows are kept back
 * and stored with those of the other jobs; what is asked for at one time is asked in one query.
 *
 * House rules: every other statement of the batch runs through `session`, which stores what is kept back
 * first, so that nothing is ever read past it. Forgetting what is known is always safe, and happens with
 * every other statement that writes. A job's own rows go with its savepoint.
 */
export class WriteBehind implements BatchSession {
  readonly #jobs: JobSession;
  /** Where the rows of the job that runs begin among those kept back. */
  #mark = 0;
  #kept: Kept[] = [];
  #isCareful = false;
  /** Rows of a job that was done could not be stored. */
  #isBroken = false;
  /** Counts what was begun. */
  #batch = 0;
  readonly #known = new Map<Lookup<never>, Known>();
  readonly #asked = new Map<Lookup<never>, Question>();
  /** What is asked of rows that are under way, once they can be read. */
  readonly #askedLater = new Map<Lookup<never>, Question>();
  #changed: Changed = new Map();
  #underWay: UnderWay | undefined;
  /** What is kept back is stored with the commit and cannot be read before: see `appending`. */
  readonly #isAppending: boolean;
  #isInJob = false;
  /** A job wanted to read what is kept back, or to write something else. */
  #isPastAppending = false;
  readonly session: Session;

  /**
   * `appending`: the session reads what is committed and stores with the commit, so a job that reads past
   * what is kept back, or writes anything else, makes the batch a conflict: it runs again in another session.
   */
  constructor(jobs: JobSession, { appending }: { appending: boolean }) {
    this.#jobs = jobs;
    this.#isAppending = appending;
    this.session = {
      execute: (text, parameters) => this.#around(text, () => jobs.execute(text, parameters)),
      executeEach: (text, lists) => this.#around(text, () => jobs.executeEach(text, lists)),
      changeOne: (text, parameters) => this.#around(text, () => jobs.changeOne(text, parameters)),
    };
  }

  get fault(): JobSession['fault'] {
    if (this.#isPastAppending) return 'conflict';
    return this.#jobs.fault ?? (this.#isBroken ? 'lost' : undefined);
  }

  async begin(isCareful: boolean): Promise<void> {
    this.#batch += 1;
    this.#isCareful = isCareful;
    this.#isBroken = false;
    this.#isInJob = false;
    this.#isPastAppending = false;
    this.#kept = [];
    this.#mark = 0;
    this.#known.clear();
    this.#asked.clear();
    this.#askedLater.clear();
    this.#changed = new Map();
    await this.#jobs.begin(isCareful);
  }

  async commit(): Promise<Sent> {
    await this.store();
    const sent = await this.#jobs.commit();
    const landed = sent.durable
      .catch(() => undefined)
      .then(() => {
        if (this.#underWay === underWay) this.#underWay = undefined;
      });
    const underWay = { changed: this.#changed, landed };
    this.#underWay = underWay;
    return sent;
  }

  rollback(): Promise<void> {
    return this.#jobs.rollback();
  }

  savepoint(): void {
    this.#isInJob = true;
    this.#mark = this.#kept.length;
    this.#jobs.savepoint();
  }

  releaseSavepoint(): void {
    this.#isInJob = false;
    this.#mark = this.#kept.length;
    this.#jobs.releaseSavepoint();
  }

  async rollbackToSavepoint(): Promise<void> {
    this.#isInJob = false;
    this.#kept.length = Math.min(this.#kept.length, this.#mark);
    // What was read since may be what is undone now.
    if (this.#jobs.isSavepointSet) this.#known.clear();
    await this.#jobs.rollbackToSavepoint();
  }

  /** Keeps a row back, to be stored before the batch's next other statement at the latest. */
  keep<Row>(shelf: Shelf<Row>, row: Row): Promise<void> {
    this.#kept.push({ shelf, row });
    return this.#isCareful ? this.store() : done;
  }

  /** What is known of this key, or of all keys of an id, is out of date: a row was kept back that changes it. */
  forget<Value>(lookup: Lookup<Value>, id: string, text?: string): void {
    const ofLookup = this.#known.get(lookup as Lookup<never>);
    if (text === undefined) ofLookup?.delete(id);
    else ofLookup?.get(id)?.delete(joinKey(id, text));
    const changed = this.#changed.get(lookup as Lookup<never>) ?? new Set<string>();
    if (changed !== 'any') this.#changed.set(lookup as Lookup<never>, changed.add(joinKey(id, text)));
  }

  /** The same of everything: rows are written that may change any of it. */
  forgetAll<Value>(lookup: Lookup<Value>): void {
    this.#known.delete(lookup as Lookup<never>);
    this.#changed.set(lookup as Lookup<never>, 'any');
  }

  /** What a key that no row can have yet stands for, so that nobody needs to look. */
  know<Value>(lookup: Lookup<Value>, id: string, value: Value): void {
    this.#knownOf(lookup as Lookup<never>, id).set(joinKey(id), Promise.resolve(value));
  }

  /** What is known of a key, or found together with whatever else is asked for at this time. */
  ask<Value>(lookup: Lookup<Value>, id: string, text?: string): Promise<Value> {
    const place = lookup as Lookup<never>;
    const key = joinKey(id, text);
    const known = this.#knownOf(place, id);
    const found = known.get(key);
    // A lookup's answers are of its own type.
    if (found !== undefined) return found as Promise<Value>;
    if (this.#isRefused(false)) return Promise.reject(pastAppending());
    const changed = this.#underWay?.changed.get(place);
    const isUnderWay = changed === 'any' || changed?.has(id) === true || changed?.has(key) === true;
    const asked = isUnderWay ? this.#askedLater : this.#asked;
    const question = asked.get(place) ?? this.#open(place, asked);
    question.keys.add(key);
    const answer = question.answer.then((rows) => (rows.get(key) ?? lookup.absent) as Value);
    known.set(key, answer);
    answer.catch(() => known.delete(key));
    return answer;
  }

  /** Stores what is kept back: rows of earlier jobs so that they stay, those of this job under its savepoint. */
  async store(): Promise<void> {
    if (this.#kept.length === 0) return;
    if (this.#isRefused(true)) throw pastAppending();
    const kept = this.#kept;
    const earlier = kept.slice(0, this.#mark);
    const own = kept.slice(this.#mark);
    this.#kept = [];
    this.#mark = 0;
    const batch = this.#batch;
    const storingEarlier = this.#storeIn(this.#jobs.outside, earlier).catch((error: unknown) => {
      // It may come to light only when the batch has been given up and begun anew.
      if (batch === this.#batch) this.#isBroken = true;
      throw error;
    });
    await Promise.all([storingEarlier, this.#storeIn(this.#jobs, own)]);
  }

  async #storeIn(session: Session, kept: readonly Kept[]): Promise<void> {
    const shelves = new Map<Shelf<never>, unknown[]>();
    for (const { shelf, row } of kept) {
      const rows = shelves.get(shelf);
      if (rows === undefined) shelves.set(shelf, [row]);
      else rows.push(row);
    }
    const inOrder = [...shelves].sort(([one], [other]) => one.order - other.order);
    // Rows lie on the shelf they were kept for.
    await Promise.all(inOrder.map(([shelf, rows]) => shelf.store(session, rows as never[])));
  }

  /** Whether a job may not: it is about to read something in the database itself, or (`isWriting`) to write it. */
  #isRefused(isWriting: boolean): boolean {
    if (!this.#isAppending || !this.#isInJob) return false;
    if (!isWriting && this.#kept.length === 0) return false;
    this.#isPastAppending = true;
    return true;
  }

  async #around<Result>(text: string, act: () => Promise<Result>): Promise<Result> {
    if (this.#isRefused(isWrite(text))) throw pastAppending();
    if (isWrite(text)) this.#known.clear();
    else if (this.#underWay !== undefined) await this.#underWay.landed;
    if (this.#kept.length === 0) return act();
    const storing = this.store();
    const [result] = await Promise.all([act(), storing]);
    return result;
  }

  #knownOf(lookup: Lookup<never>, id: string): Map<string, Promise<unknown>> {
    const ofLookup: Known = this.#known.get(lookup) ?? new Map<string, Map<string, Promise<unknown>>>();
    this.#known.set(lookup, ofLookup);
    const ofId = ofLookup.get(id) ?? new Map<string, Promise<unknown>>();
    ofLookup.set(id, ofId);
    return ofId;
  }

  #open(lookup: Lookup<never>, asked: Map<Lookup<never>, Question>): Question {
    const keys = new Set<string>();
    const answer = (async () => {
      // Every job that can go on without waiting has asked by then.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (asked === this.#askedLater) await this.#underWay?.landed;
      asked.delete(lookup);
      const storing = this.store();
      const [rows] = await Promise.all([lookup.find([...keys]), storing]);
      return rows;
    })();
    const question = { keys, answer };
    asked.set(lookup, question);
    return question;
  }
}
