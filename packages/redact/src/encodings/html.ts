import { Escaper, type SignWriter } from './escaper.ts';

const TEXT = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const WRITERS: Record<string, string>[] = [
  TEXT,
  { ...TEXT, '"': '&quot;' },
  { ...TEXT, '"': '&quot;', "'": '&#39;' },
  { ...TEXT, '"': '&quot;', "'": '&#039;' },
  { ...TEXT, '"': '&quot;', "'": '&#x27;' },
  { ...TEXT, '"': '&quot;', "'": '&apos;' },
  { ...TEXT, '"': '&#34;', "'": '&#39;' },
  { '&': '&amp;', '"': '&quot;' },
  { '&': '&amp;', '<': '&lt;', '"': '&quot;' },
  { ...TEXT, '"': '&quot;', "'": '&#39;', '/': '&#x2F;', '`': '&#x60;', '=': '&#x3D;' },
  { ...TEXT, '"': '&quot;', "'": '&#x27;', '/': '&#x2F;', '`': '&#x60;', '=': '&#x3D;' },
  { ...TEXT, '"': '&quot;', "'": '&#39;', '\n': '&#10;', '\r': '&#13;', '\t': '&#9;' },
  { ...TEXT, '"': '&quot;', "'": '&apos;', '\n': '&#xA;', '\r': '&#xD;', '\t': '&#x9;' },
];
const ESCAPER = new Escaper(
  /[&<>"'/`=\n\r\t]/g,
  WRITERS.map(
    (writer): SignWriter =>
      (sign) =>
        writer[sign] ?? sign,
  ),
);

/** HTML and XML escapes as the common template engines and serialisers write them. */
export function listHtml(text: string): string[] {
  return ESCAPER.list(text);
}
