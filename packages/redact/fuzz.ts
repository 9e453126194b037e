// npm run fuzz:redact [-- --runs 1000000 --seed 1]: a coverage-guided fuzzer of the redactor. Inputs that reach
// something new are kept and mutated further. jazzer.js would do the same, but its prebuilt addon needs glibc 2.38.
import { parseArgs } from 'node:util';
import { Coverage } from './fuzz/coverage.ts';
import { checkFuzzCase, readFuzzCase } from './fuzz/fuzz-case.ts';
import { Mutator } from './fuzz/mutator.ts';

const MOST_FAILURES = 5;
const RUNS_PER_REPORT = 20_000;
const options = parseArgs({
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
}).values;

const mutator = new Mutator(Number(options.seed));
const coverage = new Coverage();
const corpus: Uint8Array[] = [mutator.makeRandom(200)];
let failures = 0;
let run = 0;
while (run < Number(options.runs) && failures < MOST_FAILURES) {
  const input = mutator.mutate(corpus);
  const wrong = checkFuzzCase(readFuzzCase(input));
  if (wrong !== undefined) {
    failures++;
    process.stdout.write(`${wrong}: ${Buffer.from(input).toString('hex')}\n`);
  }
  if (coverage.countNew() > 0) corpus.push(input);
  if (++run % RUNS_PER_REPORT === 0) process.stdout.write(report());
}
process.stdout.write(report());
process.exitCode = failures === 0 ? 0 : 1;

function report(): string {
  return `${run} runs, ${corpus.length} inputs kept, ${coverage.size} features, ${failures} failures\n`;
}
