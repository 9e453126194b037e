import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineEditor } from './line-editor.ts';

const pasted = (text: string): string => `\u001b[200~${text}\u001b[201~`;

function answerOf(...chunks: readonly string[]): string {
  const editor = createLineEditor();
  for (const chunk of chunks) editor.type(chunk);
  return editor.answer;
}

describe('the answer to a question', () => {
  it('is what was typed, up to Enter', () => {
    const editor = createLineEditor();
    expect(editor.type('pass').end).toBeUndefined();
    expect(editor.type('word\r')).toEqual({ shown: 'word', end: 'answered' });
    expect(editor.answer).toBe('password');
  });

  it('R-197 ends at Ctrl-C as interrupted', () => {
    expect(createLineEditor().type('half\u0003').end).toBe('interrupted');
  });

  it('can be corrected by backspace, and begun anew by Ctrl-U', () => {
    expect(answerOf('abx\u007fc')).toBe('abc');
    expect(answerOf('wrong\u0015right')).toBe('right');
    expect(answerOf('\u007f\u007fa')).toBe('a');
  });

  it('has no arrows and other keys in it', () => {
    expect(answerOf('a\u001b[Db\u001b[1;5Cc\u001bOPd')).toBe('abcd');
  });

  it('keeps the line breaks of pasted text, such as a PEM key’s', () => {
    expect(answerOf(pasted('-----BEGIN-----\rabc\r\ndef\r-----END-----'))).toBe(
      '-----BEGIN-----\nabc\ndef\n-----END-----',
    );
  });

  it('drops the one line break that copying a line takes along', () => {
    expect(answerOf(pasted('value\n'))).toBe('value');
    expect(answerOf(pasted('value\n\n'))).toBe('value\n');
  });

  it('holds any pasted text, wherever the terminal cuts it', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\r\n\u001b]/.test(value));
    fc.assert(
      fc.property(text, fc.nat(), (value, at) => {
        const sent = pasted(value);
        const cut = Math.max(6, Math.min(at % (sent.length + 1), sent.length - 6));
        expect(answerOf(sent.slice(0, cut), sent.slice(cut))).toBe(value);
      }),
    );
  });
});
