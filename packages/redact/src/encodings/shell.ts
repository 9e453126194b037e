// bash, lib/sh/shquote.c: sh_backslash_quote; Ruby, lib/shellwords.rb: shellescape.
const ESCAPED_BY_BASH = /[ !"$&'()*,;<>?[\\\]^`{|}]|^[~#]|(?<=[:=])~/g;
const ESCAPED_BY_RUBY = /[^A-Za-z0-9_\-.,:+/@\n]/gu;
const CONTROL_NAMES = new Map([
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\x1b', '\\E'],
]);

/** Shell quoting without the outer quotes: single quotes (bash and Python), double quotes, backslashes, `$'...'`. */
export function listShell(text: string): string[] {
  const ansiC = text
    .replace(/[\\']/g, '\\$&')
    .replace(/[\0-\x1f\x7f]/g, (control) => CONTROL_NAMES.get(control) ?? octal(control));
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[\\"$`]/g, '\\$&'),
    text.replace(/[\\"$`!]/g, '\\$&'),
    text.replace(ESCAPED_BY_BASH, '\\$&'),
    text.replace(ESCAPED_BY_RUBY, '\\$&'),
    ansiC,
    ansiC.replaceAll('\\E', '\\e'),
  ];
}

function octal(control: string): string {
  return '\\' + control.charCodeAt(0).toString(8).padStart(3, '0');
}
