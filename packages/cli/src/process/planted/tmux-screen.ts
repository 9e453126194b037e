import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { plantedEnvironment, run } from './start.ts';

/** An interactive bash in a tmux window of 100 by 30, where `run` begins a command as `coffer run --` does. */
export class TmuxScreen {
  readonly #socket: string;

  constructor(name: string) {
    this.#socket = `coffer-${process.pid}-${name}`;
    const size = ['-x', '100', '-y', '30'];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, 'env PS1="% " bash --norc');
    this.type(`alias run="${run}"; clear`, 'Enter');
  }

  /** Keys by tmux's names (`Enter`, `C-c`, `Escape`), other words letter by letter. */
  type(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** What a person sees; with `colours`, the escape sequences too. */
  look(colours = false): string {
    return this.#tmux('capture-pane', '-p', ...(colours ? ['-e'] : []));
  }

  /** Waits up to 20 seconds for a text. */
  async shows(what: string | RegExp): Promise<string> {
    const screen = await this.#comesUp(what, 20_000);
    if (screen === undefined) throw new Error(`the screen does not show ${String(what)}:\n${this.look()}`);
    return screen;
  }

  /** Types a question again and again until its answer is on the screen. */
  async showsAfter(keys: readonly string[], what: string | RegExp): Promise<string> {
    for (let tries = 0; tries < 20; tries += 1) {
      this.type(...keys);
      const screen = await this.#comesUp(what, 1_000);
      if (screen !== undefined) return screen;
    }
    return this.shows(what);
  }

  async #comesUp(what: string | RegExp, withinMs: number): Promise<string | undefined> {
    const end = performance.now() + withinMs;
    while (performance.now() < end) {
      const screen = this.look();
      if (typeof what === 'string' ? screen.includes(what) : what.test(screen)) return screen;
      await pause(50);
    }
    return undefined;
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  close(): void {
    this.#tmux('kill-server');
  }

  #tmux(...args: readonly string[]): string {
    // With one of these in it Node shows no colours, or other ones.
    const plain = {
      CI: undefined,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      NODE_DISABLE_COLORS: undefined,
    };
    const environment = { ...plantedEnvironment(), ...plain, TMUX: undefined, TERM: 'xterm-256color' };
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8', env: environment });
  }
}
