/** Characters that a terminal obeys instead of showing: controls, line separators, changes of direction. */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The text with everything that a terminal would obey written as `\u001b`; tabs and line breaks stay. */
export const printable = (text: string): string =>
  text.replace(obeyed, (character) =>
    character === '\n' || character === '\t' ? character : escapeCharacter(character),
  );

/** The same in one line: line breaks and tabs are written out too. */
export const printableInLine = (text: string): string => text.replace(obeyed, escapeCharacter);
