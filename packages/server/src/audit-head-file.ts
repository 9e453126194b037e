import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CofferError } from '@coffer/contract';
import type { Head, HeadKeeper } from './domain/audit/port.ts';
import type { KnownHead } from './domain/audit/verify.ts';
import { leaveToOwnerOf, makeFolder, writeBeside } from './files/durable.ts';

export interface HeadRecord extends KnownHead {
  readonly at: string;
}

type Heads = Record<string, HeadRecord>;

/**
 * The heads of the audit chains outside the database, as JSON: chain -> {sequence, mac, at}. Whoever
 * cuts off the end of a chain in the database cannot also move these back.
 */
export class AuditHeadFile implements HeadKeeper {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async read(): Promise<Heads> {
    try {
      return JSON.parse(await readFile(this.path, 'utf8')) as Heads;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw new CofferError(
        'file_invalid',
        {
          detail: `The audit head file ${this.path} cannot be read.`,
          hint: 'Check its owner and content. Without it nobody can tell whether the end of the trail was cut off; to begin a new one, move it away.',
        },
        { cause: error },
      );
    }
  }

  async find(chain: string): Promise<KnownHead | undefined> {
    return (await this.read())[chain];
  }

  async save(heads: readonly Head[], now: number): Promise<readonly string[]> {
    const known = await this.read();
    const behind: string[] = [];
    const next: Heads = { ...known };
    for (const { chain, sequence, mac } of heads) {
      if ((known[chain]?.sequence ?? 0) > sequence) behind.push(chain);
      else if (known[chain]?.sequence !== sequence) {
        next[chain] = { sequence, mac: Buffer.from(mac).toString('hex'), at: new Date(now).toISOString() };
      }
    }
    await this.#write(next);
    return behind;
  }

  /** Forgets what was known; for a restore from a backup, which says so. */
  async replace(heads: readonly Head[], now: number): Promise<void> {
    const at = new Date(now).toISOString();
    await this.#write(
      Object.fromEntries(
        heads.map(({ chain, sequence, mac }) => [
          chain,
          { sequence, mac: Buffer.from(mac).toString('hex'), at },
        ]),
      ),
    );
  }

  /** The file stays the one of its owner, and a new one becomes that of its folder's. */
  async #write(heads: Heads): Promise<void> {
    const folder = dirname(this.path);
    await makeFolder(folder);
    await writeBeside(this.path, `${JSON.stringify(heads, null, 2)}\n`, async (written) => {
      await leaveToOwnerOf(written, existsSync(this.path) ? this.path : folder);
      await rename(written, this.path);
    });
  }
}
