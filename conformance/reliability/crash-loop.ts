// Kills the server with SIGKILL at random moments while clients write, and checks after every restart:
//   node conformance/reliability/crash-loop.ts [--kills N]    N kills on each engine
// The last line counts the restarts that were as promised, and those that were not.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  callerOf,
  login,
  spawnServer,
  startCoffer,
  type ServerProcess,
  type TestCaller,
} from '@coffer/testkit';
import { CrashStarter } from './crash-starter.ts';
import { agent, BrokenPromise, CrashWriter, type Contents } from './crash-writer.ts';
import { createPlaces, engineNames, stopServer, type EngineName, type Place } from './place.ts';

const writers = 4;
/** Starts travel by another way to the disk than writes; half the lives see them alone. */
const starters = 4;
const namesPerWriter = 6;
const aliveMs = [30, 700] as const;
/** Every so many kills one more hits the server while it starts. */
const killStartEvery = 5;
const startingMs = [50, 900] as const;
/** The whole chain is verified after every restart up to this length, after that at every twentieth. */
const verifyAlwaysUpTo = 50_000;

/** What a start delivers and what the lists say must agree. */
const readContents = async (caller: TestCaller): Promise<Contents> => {
  const { variables, link } = await caller.start({ agent, environment: 'development', invocation: true });
  await link.end(0);
  const delivered = new Map(
    variables
      .filter(({ source }) => source === 'agent')
      .map(({ name, version, value }) => [name, { version, value }]),
  );
  let listed = 0;
  for await (const { name, values } of caller.secrets.listAll(agent)) {
    listed += 1;
    if (values[0]?.version !== delivered.get(name)?.version) {
      throw new BrokenPromise(
        `${name}: the list says version ${values[0]?.version ?? 'none'}, the start another`,
      );
    }
  }
  if (listed !== delivered.size) {
    throw new BrokenPromise(`${listed} secrets are listed, and ${delivered.size} delivered`);
  }
  return delivered;
};

/** Numbers of versions have no gaps and exactly one is current. */
const checkHistory = async (caller: TestCaller, contents: Contents): Promise<void> => {
  const names = [...contents.keys()];
  const name = names[randomInt(Math.max(1, names.length))];
  if (name === undefined) return;
  const { items } = await caller.secrets.versions(agent, name);
  const numbers = items.map(({ version }) => version);
  const isWhole = numbers.every((version, index) => version === (numbers[0] ?? 0) - index);
  if (!isWhole || numbers.at(-1) !== 1 || items.filter(({ current }) => current).length !== 1) {
    throw new BrokenPromise(`${name}: its history is ${numbers.join(' ')}`);
  }
};

class CrashLoop {
  readonly #engine: EngineName;
  readonly #place: Place;
  readonly #writers = Array.from({ length: writers }, (_, index) => new CrashWriter(index, namesPerWriter));
  readonly #starters = Array.from({ length: starters }, () => new CrashStarter());
  #token = '';
  #events = 0;

  constructor(engine: EngineName, place: Place) {
    this.#engine = engine;
    this.#place = place;
  }

  get acknowledged(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  }

  get started(): number {
    return this.#starters.reduce((sum, starter) => sum + starter.acknowledged, 0);
  }

  async run(kills: number): Promise<number> {
    const first = await spawnServer(this.#place.settings);
    this.#token = await login(first.url);
    await callerOf(first.url, this.#token).agents.create({ slug: agent });
    await stopServer(first);
    for (let kill = 1; kill <= kills; kill += 1) {
      await this.#writeUntilKilled(kill);
      if (kill % 5 === 0 || kill === kills) this.#say(kill, kills);
    }
    const { server, caller } = await this.#open();
    await this.#check(caller, true);
    await stopServer(server);
    return kills + 1;
  }

  async #open(): Promise<{ server: ServerProcess; caller: TestCaller }> {
    const server = await spawnServer(this.#place.settings);
    return { server, caller: callerOf(server.url, this.#token) };
  }

  async #writeUntilKilled(kill: number): Promise<void> {
    if (kill % killStartEvery === 0) {
      const starting = startCoffer(['server'], {
        settings: { listen: '127.0.0.1:0', ...this.#place.settings },
      });
      await sleep(randomInt(...startingMs));
      starting.kill('SIGKILL');
      await starting.ended;
    }
    const { server, caller } = await this.#open();
    try {
      await this.#check(caller, kill % 20 === 0);
      const writing = this.#writers.map(async (writer) => {
        await writer.resume(caller);
        if (kill % 2 === 0) await writer.run(caller);
      });
      const running = [...writing, ...this.#starters.map(async (starter) => starter.run(caller))];
      await Promise.race([sleep(randomInt(...aliveMs)), Promise.all(running)]);
      server.kill('SIGKILL');
      await Promise.all(running);
    } finally {
      server.kill('SIGKILL');
      await server.ended;
    }
  }

  async #check(caller: TestCaller, always: boolean): Promise<void> {
    const contents = await readContents(caller);
    for (const writer of this.#writers) writer.settle(contents);
    await checkHistory(caller, contents);
    for (const starter of this.#starters) await starter.check(caller);
    if (!always && this.#events > verifyAlwaysUpTo) return;
    const verified = await caller.audit.verify();
    if (!verified.ok)
      throw new BrokenPromise(`the audit chain breaks at event ${verified.firstBroken?.sequence ?? 0}`);
    this.#events = verified.events;
    if (this.#events < this.acknowledged + this.started)
      throw new BrokenPromise('acknowledged writes and starts are not in the audit trail');
  }

  #say(kill: number, kills: number): void {
    const count = (of: (writer: CrashWriter) => number): number =>
      this.#writers.reduce((sum, writer) => sum + of(writer), 0);
    console.log(
      `${this.#engine}: ${kill} of ${kills} kills; ${this.acknowledged} writes and ${this.started} starts acknowledged, all there; ` +
        `in doubt ${count((one) => one.doneInDoubt)} done, ${count((one) => one.undoneInDoubt)} not; ` +
        `${this.#events} events verified`,
    );
  }
}

const { values } = parseArgs({ options: { kills: { type: 'string', default: '25' } } });
const places = createPlaces();
let passed = 0;
let failed = 0;
try {
  for (const engine of engineNames) {
    try {
      passed += await new CrashLoop(engine, await places.create(engine)).run(Number(values.kills));
    } catch (error) {
      failed += 1;
      console.log(`${engine}: ${error instanceof Error ? (error.stack ?? error.message) : 'failed'}`);
    }
  }
} finally {
  await places.removeAll();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
