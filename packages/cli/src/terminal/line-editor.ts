/**
 * What has been typed so far in answer to a question, fed with what a terminal in raw mode sends.
 * Pasted text (between the marks of bracketed paste) may hold line breaks: they belong to the answer.
 */
export interface LineEditor {
  /** Takes characters; says what to show for them, and `end` once the answer is complete or given up. */
  type(characters: string): { readonly shown: string; readonly end?: 'answered' | 'interrupted' };
  readonly answer: string;
}

const pasteStart = '\u001b[200~';
const pasteEnd = '\u001b[201~';
// A key that is no character, such as an arrow: `ESC [ ... letter`, `ESC O letter`.
const keySequence = new RegExp('^\u001b(\\[[0-9;?]*[ -/]*[@-~]|O[@-~]|.)?', 'u');
const eraseOne = '\b \b';

export function createLineEditor(): LineEditor {
  const typed: string[] = [];
  let pasting = false;

  const erase = (count: number): string => {
    const erased = typed.splice(Math.max(0, typed.length - count));
    return eraseOne.repeat(erased.length);
  };

  const paste = (text: string): string => {
    const pasted = text.replace(/\r\n?/g, '\n');
    typed.push(...Array.from(pasted));
    return pasted.replaceAll('\n', '⏎');
  };

  return {
    get answer() {
      return typed.join('');
    },
    type(characters) {
      let shown = '';
      let rest = characters;
      while (rest !== '') {
        if (pasting) {
          const end = rest.indexOf(pasteEnd);
          shown += paste(end === -1 ? rest : rest.slice(0, end));
          if (end === -1) return { shown };
          pasting = false;
          // Copying a line often takes its line break along, as a file ends with one.
          if (typed.at(-1) === '\n') shown += erase(1);
          rest = rest.slice(end + pasteEnd.length);
          continue;
        }
        if (rest.startsWith(pasteStart)) {
          pasting = true;
          rest = rest.slice(pasteStart.length);
          continue;
        }
        const [character = ''] = rest;
        const length = character === '\u001b' ? (keySequence.exec(rest)?.[0].length ?? 1) : character.length;
        rest = rest.slice(length);
        if (character === '\r' || character === '\n') return { shown, end: 'answered' };
        if (character === '\u0004') return { shown, end: 'answered' };
        if (character === '\u0003') return { shown, end: 'interrupted' };
        if (character === '\u007f' || character === '\b') shown += erase(1);
        else if (character === '\u0015') shown += erase(typed.length);
        else if (character >= ' ') {
          typed.push(character);
          shown += character;
        }
      }
      return { shown };
    },
  };
}
