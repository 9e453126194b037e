import { Escaper, type SignWriter } from './escaper.ts';

const plain: SignWriter = (sign) => JSON.stringify(sign).slice(1, -1);
const ascii: SignWriter = (sign) => escapeUnits(plain(sign), /[^\0-\x7e]/g);
const dotNet: SignWriter = (sign) => (sign === '"' ? '\\u0022' : escapeUnits(ascii(sign), /[<>&'+`]/g));
const slash =
  (write: SignWriter): SignWriter =>
  (sign) =>
    sign === '/' ? '\\/' : write(sign);
const upper =
  (write: SignWriter): SignWriter =>
  (sign) =>
    write(sign).replace(/\\u..../g, (escape) => '\\u' + escape.slice(2).toUpperCase());
const twice =
  (write: SignWriter): SignWriter =>
  (sign) =>
    JSON.stringify(write(sign)).slice(1, -1);

const ESCAPER = new Escaper(/[^A-Za-z0-9_\-.,:;=?!@#$%^*()[\]{}|~ ]/gu, [
  plain,
  ascii,
  slash(plain),
  slash(ascii),
  (sign) => escapeUnits(plain(sign), /[<>&\u2028\u2029]/g),
  (sign) => escapeUnits(ascii(sign), /[<>&]/g),
  upper(dotNet),
  upper(ascii),
  twice(plain),
  twice(ascii),
]);

/**
 * JSON string escapes (without the quotes) as the common writers make them: JavaScript, Python and Ruby (ASCII
 * only), PHP (`\/`), Go (`<`, `>` and `&`), .NET, and a JSON text that was put into a JSON string once more.
 */
export function listJson(text: string): string[] {
  return ESCAPER.list(text);
}

function escapeUnits(text: string, units: RegExp): string {
  return text.replace(units, (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'));
}
