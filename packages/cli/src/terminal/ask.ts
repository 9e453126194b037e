import { openSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ReadStream, WriteStream } from 'node:tty';
import { Interrupted } from './interrupted.ts';
import { createLineEditor } from './line-editor.ts';
import { printable } from './printable.ts';

interface Person {
  readonly keys: ReadStream;
  readonly screen: WriteStream;
  readonly close: () => void;
}

/** The terminal itself, whatever stdin and stderr are; those two where the system has no such device. */
function openTerminal(): Person {
  try {
    const keys = new ReadStream(openSync('/dev/tty', 'r'));
    const screen = new WriteStream(openSync('/dev/tty', 'w'));
    return {
      keys,
      screen,
      close: () => {
        keys.destroy();
        screen.destroy();
      },
    };
  } catch {
    return { keys: process.stdin, screen: process.stderr, close: () => process.stdin.pause() };
  }
}

const bracketedPaste = (on: boolean): string => `\u001b[?2004${on ? 'h' : 'l'}`;

/** Asks for one line; where `hidden`, nothing of what is typed is shown, not even its length. */
export async function ask(question: string, { hidden }: { readonly hidden: boolean }): Promise<string> {
  const { keys, screen, close } = openTerminal();
  const decoder = new StringDecoder('utf8');
  const editor = createLineEditor();
  keys.setRawMode(true);
  screen.write(`${bracketedPaste(true)}${printable(question)} `);
  try {
    return await new Promise<string>((resolve, reject) => {
      keys.on('data', (bytes: Buffer) => {
        const { shown, end } = editor.type(decoder.write(bytes));
        if (!hidden) screen.write(shown);
        if (end === 'answered') resolve(editor.answer);
        if (end === 'interrupted') reject(new Interrupted());
      });
      keys.on('error', reject);
      keys.on('end', () => reject(new Interrupted()));
    });
  } finally {
    keys.setRawMode(false);
    await new Promise((resolve) => screen.write(`${bracketedPaste(false)}\n`, resolve));
    keys.removeAllListeners('data');
    close();
  }
}
