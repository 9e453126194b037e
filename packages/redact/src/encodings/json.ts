/**
 * JSON string escapes (without the quotes) as the common writers make them: JavaScript, Python and Ruby (ASCII
 * only), PHP (`\/`), Go (`<`, `>` and `&`), .NET, and a JSON text that was put into a JSON string once more.
 */
export function listJson(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = escapeUnits(plain, /[^\0-\x7e]/g);
  const forms = [
    plain,
    ascii,
    plain.replaceAll('/', '\\/'),
    ascii.replaceAll('/', '\\/'),
    escapeUnits(plain, /[<>&\u2028\u2029]/g),
    escapeUnits(ascii, /[<>&]/g),
    escapeUnits(ascii.replaceAll('\\"', '"'), /["<>&'+`]/g).replace(/\\u..../g, (escape) => upperHex(escape)),
    ascii.replace(/\\u..../g, (escape) => upperHex(escape)),
  ];
  return [...forms, JSON.stringify(plain).slice(1, -1), JSON.stringify(ascii).slice(1, -1)];
}

function escapeUnits(text: string, units: RegExp): string {
  return text.replace(units, (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'));
}

function upperHex(escape: string): string {
  return '\\u' + escape.slice(2).toUpperCase();
}
