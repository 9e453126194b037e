import { spawn } from '@lydell/node-pty';
import { plantedEnvironment, run } from './start.ts';

export interface OuterTerminal {
  /** All that came out so far, byte by byte (latin1). */
  output(): string;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves when the text has come out. */
  shows(text: string): Promise<void>;
  /** As when a person closes its window. */
  hangUp(): void;
  readonly ended: Promise<number>;
}

/** A bash script in a real terminal, as a person's would be; `$RUN` in it as for `runScript`. */
export function openOuterTerminal(script: string): OuterTerminal {
  const terminal = spawn('bash', ['-c', script.replaceAll('$RUN', run)], {
    cols: 90,
    rows: 25,
    encoding: null,
    name: 'xterm-256color',
    env: { ...plantedEnvironment(), TERM: 'xterm-256color' },
  });
  let output = '';
  terminal.onData((bytes: string | Buffer) => (output += Buffer.from(bytes).toString('latin1')));
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  const shows = async (text: string): Promise<void> => {
    for (let tries = 0; !output.includes(text); tries += 1) {
      if (tries > 400) throw new Error(`the terminal does not show ${text}, but ${JSON.stringify(output)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  return {
    output: () => output,
    type: (keys) => terminal.write(keys),
    resize: (columns, rows) => terminal.resize(columns, rows),
    shows,
    hangUp: () => {
      if (isDestroyable(terminal)) terminal.destroy();
    },
    ended,
  };
}

/** In node-pty, though not in its types. */
const isDestroyable = (terminal: object): terminal is { destroy(): void } => 'destroy' in terminal;
