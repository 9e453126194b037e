/*
 * Fields are counted twice, in the text of a JSON document and in what it was parsed to: where a field was given
 * twice, the second count is lower. Text that was parsed is valid, so each colon outside of strings is one field.
 */

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** Where the string that starts here ends. */
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = at - 1;
    while (text.charCodeAt(escapes) === backslash) escapes -= 1;
    if ((at - escapes) % 2 === 1) return at;
  }
  return text.length;
};

/** How many fields the text of a valid JSON document has. */
export const countFieldsInText = (text: string): number => {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === colon) count += 1;
    else if (code === quote) at = endOfString(text, at);
  }
  return count;
};

/** How many fields a parsed JSON document has. */
export const countFields = (json: unknown): number => {
  let count = 0;
  const left = [json];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== 'object' || part === null) continue;
    const inner: unknown[] = Object.values(part);
    if (!Array.isArray(part)) count += inner.length;
    for (const one of inner) left.push(one);
  }
  return count;
};
