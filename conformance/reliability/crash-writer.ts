import { randomBytes, randomInt } from 'node:crypto';
import { CofferError } from '@coffer/contract';
import type { TestCaller } from '@coffer/testkit';

/** What a secret should hold now; a name that is not there is not in the map. */
export type Contents = ReadonlyMap<string, { readonly version: number; readonly value: string }>;

export const agent = 'crash-bot';

/** The server broke its word. */
export class BrokenPromise extends Error {}

/** Answers after which nobody knows whether the write was done. */
export const doubtful: ReadonlySet<string> = new Set([
  'server_unreachable',
  'storage_unavailable',
  'internal',
]);

interface Step {
  readonly after: Contents;
  /** Versions the server answered with, by name. */
  readonly send: (caller: TestCaller) => Promise<ReadonlyMap<string, number>>;
  /** The same request again has the same outcome once. */
  readonly repeatable: boolean;
}

const newValue = (name: string): string =>
  `${name}/${randomBytes(randomInt(20, 1000)).toString('base64url')}`;

const changed = (
  contents: Contents,
  change: (next: Map<string, { version: number; value: string }>) => void,
) => {
  const next = new Map(contents);
  change(next);
  return next;
};

const write = (contents: Contents, name: string): Step => {
  const value = newValue(name);
  const version = (contents.get(name)?.version ?? 0) + 1;
  const idempotencyKey = randomBytes(12).toString('hex');
  return {
    after: changed(contents, (next) => next.set(name, { version, value })),
    send: async (caller) => {
      const written = await caller.secrets.set(agent, name, value, { idempotencyKey });
      return new Map([[name, written.version ?? 0]]);
    },
    repeatable: true,
  };
};

const remove = (contents: Contents, name: string): Step => ({
  after: changed(contents, (next) => next.delete(name)),
  send: async (caller) => {
    await caller.secrets.delete(agent, name, { force: true, purge: randomInt(3) === 0 });
    return new Map();
  },
  repeatable: false,
});

/** Several names in one request: all of them or none. */
const importAll = (contents: Contents, names: readonly string[]): Step => {
  const entries = names.map((name) => ({ name, value: newValue(name) }));
  return {
    after: changed(contents, (next) => {
      for (const { name, value } of entries) {
        next.set(name, { version: (contents.get(name)?.version ?? 0) + 1, value });
      }
    }),
    send: async (caller) => {
      const { counts } = await caller.secrets.import(agent, entries, { onConflict: 'overwrite' });
      if ((counts['failed'] ?? 0) > 0) throw new BrokenPromise('an import of valid entries failed in part');
      return new Map();
    },
    repeatable: false,
  };
};

const isSame = (left: Contents, right: Contents): boolean =>
  left.size === right.size &&
  [...left].every(([name, { version, value }]) => {
    const other = right.get(name);
    return other?.version === version && other.value === value;
  });

/** One client that writes, rotates, deletes and imports its own names, one request after another. */
export class CrashWriter {
  readonly #names: readonly string[];
  #contents: Contents = new Map();
  #doubt: Step | undefined;
  acknowledged = 0;
  doneInDoubt = 0;
  undoneInDoubt = 0;

  constructor(number: number, names: number) {
    this.#names = Array.from({ length: names }, (_, index) => `WRITER_${number}_NAME_${index}`);
  }

  /** Sends requests until one has no clear answer. */
  async run(caller: TestCaller): Promise<void> {
    while (this.#doubt === undefined) await this.#perform(this.#choose(), caller);
  }

  /** Compares with what the server gives now: what was acknowledged, and the request in doubt whole or not at all. */
  settle(everything: Contents): void {
    const own = new Map([...everything].filter(([name]) => this.#names.includes(name)));
    const doubt = this.#doubt;
    if (doubt !== undefined && isSame(own, doubt.after)) {
      this.#contents = doubt.after;
      this.doneInDoubt += 1;
    } else if (!isSame(own, this.#contents)) {
      throw new BrokenPromise(this.#describe(own));
    } else if (doubt !== undefined) this.undoneInDoubt += 1;
  }

  /** Goes on; a request in doubt that may be repeated is, and must then be done exactly once. */
  async resume(caller: TestCaller): Promise<void> {
    const doubt = this.#doubt;
    this.#doubt = undefined;
    if (doubt?.repeatable === true) await this.#perform(doubt, caller);
  }

  async #perform(step: Step, caller: TestCaller): Promise<void> {
    try {
      const versions = await step.send(caller);
      for (const [name, version] of versions) {
        const expected = step.after.get(name)?.version;
        if (version !== expected) {
          throw new BrokenPromise(
            `${name}: version ${version} was answered instead of ${expected ?? 'none'}`,
          );
        }
      }
      this.#contents = step.after;
      this.acknowledged += 1;
    } catch (error) {
      if (!(error instanceof CofferError) || !doubtful.has(error.code)) throw error;
      this.#doubt = step;
    }
  }

  #choose(): Step {
    const name = this.#names[randomInt(this.#names.length)] ?? '';
    const dice = randomInt(10);
    if (dice === 0) return importAll(this.#contents, this.#names.slice(0, randomInt(2, this.#names.length)));
    if (dice <= 2 && this.#contents.has(name)) return remove(this.#contents, name);
    return write(this.#contents, name);
  }

  /** Names and versions only. */
  #describe(own: Contents): string {
    const told = (contents: Contents | undefined, name: string): string =>
      contents === undefined ? '-' : String(contents.get(name)?.version ?? 'absent');
    const wrong = this.#names.filter((name) => {
      const [found, kept] = [own.get(name), this.#contents.get(name)];
      return found?.version !== kept?.version || found?.value !== kept?.value;
    });
    return wrong
      .map(
        (name) =>
          `${name}: found version ${told(own, name)}, acknowledged ${told(this.#contents, name)}, in doubt ${told(this.#doubt?.after, name)}`,
      )
      .join('; ');
  }
}
