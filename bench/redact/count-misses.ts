import { createReadStream } from 'node:fs';
import type { Plant } from './log-text.ts';

/** So many bytes of a plant in one piece give a secret away; its neighbours' own bytes are fewer. */
const TELLING_BYTES = 16;

/** How many plants show in the output in whole or in a telling part, by form, and how many cannot be found at all. */
export interface Misses {
  byForm: Map<string, number>;
  value: number;
  encoded: number;
  lost: number;
}

export async function countMisses(outputPath: string, plants: readonly Plant[]): Promise<Misses> {
  const misses: Misses = { byForm: new Map(), value: 0, encoded: 0, lost: 0 };
  const seen = new Set<number>();
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(outputPath, {
    highWaterMark: 1 << 22,
  }) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const start = rest.indexOf('plant#');
      const end = start === -1 ? -1 : rest.indexOf(' #end\n', start);
      if (end === -1) {
        rest = rest.subarray(start === -1 ? Math.max(0, rest.length - 8) : start);
        break;
      }
      const planted = rest.subarray(start, end);
      note(misses, seen, { planted, plants });
      rest = rest.subarray(end);
    }
  }
  misses.lost = plants.length - seen.size;
  return misses;
}

function note(misses: Misses, seen: Set<number>, found: { planted: Buffer; plants: readonly Plant[] }): void {
  const id = Number.parseInt(found.planted.toString('latin1', 6, 16), 10);
  const plant = found.plants[id];
  if (plant === undefined) return;
  seen.add(id);
  if (!isTold(found.planted, plant.bytes)) return;
  misses.byForm.set(plant.form, (misses.byForm.get(plant.form) ?? 0) + 1);
  if (plant.form === 'value') misses.value++;
  else misses.encoded++;
}

function isTold(output: Buffer, planted: Buffer): boolean {
  for (let at = 0; at + TELLING_BYTES <= planted.length; at++) {
    if (output.includes(planted.subarray(at, at + TELLING_BYTES))) return true;
  }
  return false;
}
