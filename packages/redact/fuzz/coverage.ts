import { type Profiler, Session } from 'node:inspector';

/** Which blocks of this package's source have run, and about how often, from V8's own counters in this process. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How much ran since the last call that never ran before, or never so often: counts differ by powers of 2. */
  countNew(): number {
    let found = 0;
    for (const script of this.#take()) {
      if (!script.url.includes('/redact/src/') || script.url.includes('naive')) continue;
      for (const range of script.functions.flatMap((covered) => covered.ranges)) {
        if (range.count === 0) continue;
        const feature = `${script.scriptId}:${range.startOffset}:${range.endOffset}:${Math.floor(Math.log2(range.count))}`;
        if (!this.#seen.has(feature)) found++;
        this.#seen.add(feature);
      }
    }
    return found;
  }

  get size(): number {
    return this.#seen.size;
  }

  // In-process sessions call back before `post` returns.
  #take(): Profiler.ScriptCoverage[] {
    let scripts: Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      scripts = taken.result;
    });
    return scripts;
  }
}
