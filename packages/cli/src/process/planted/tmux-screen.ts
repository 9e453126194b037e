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

  async shows(what: string | RegExp): Promise<string> {
    const isThere = (screen: string): boolean =>
      typeof what === 'string' ? screen.includes(what) : what.test(screen);
    for (let tries = 0; tries < 200; tries += 1) {
      const screen = this.look();
      if (isThere(screen)) return screen;
      await pause(50);
    }
    throw new Error(`the screen does not show ${String(what)}:\n${this.look()}`);
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
