import { listBase64 } from './encodings/base64.ts';
import { listHex } from './encodings/hex.ts';
import { listHtml } from './encodings/html.ts';
import { listJson } from './encodings/json.ts';
import { listPercent } from './encodings/percent.ts';
import { listShell } from './encodings/shell.ts';
import { listUtf16 } from './encodings/utf16.ts';
import { toLatin1 } from './latin1.ts';

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// Outside of these characters shells change nothing.
const ESCAPED_IN_SHELL = /[^A-Za-z0-9_\-.:/@+]/;

/**
 * Every encoded form of a value but the value itself, as latin-1 strings; forms may repeat or equal the value.
 * Bytes that are not UTF-8 have no text forms (JSON, shell, HTML, UTF-16).
 */
export function listEncodings(bytes: Uint8Array): string[] {
  const forms = [...listBase64(bytes), ...listHex(bytes), ...listPercent(bytes)];
  const text = decodeText(bytes);
  if (text === undefined) return forms;
  forms.push(...listUtf16(text).map(toLatin1));
  const escaped = [...listJson(text), ...listHtml(text)];
  if (ESCAPED_IN_SHELL.test(text)) escaped.push(...listShell(text));
  const isAscii = text.length === bytes.length;
  forms.push(...(isAscii ? escaped : escaped.map((form) => toLatin1(utf8.encode(form)))));
  return forms;
}

export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}
