import { toLatin1 } from '../latin1.ts';

// What each encoder writes as %XX. The bytes of other characters than ASCII always are.
const COMPONENT = /[^A-Za-z0-9\-_.!~*'()]/g;
const RFC3986 = /[^A-Za-z0-9\-_.~]/g;
const FORM = /[^A-Za-z0-9*\-._]/g;
const PYTHON_QUOTE = /[^A-Za-z0-9\-_.~/]/g;
const WHOLE_URI = /[^A-Za-z0-9\-_.!~*'();/?:@&=+$,#]/g;

const ESCAPES = Array.from(
  { length: 256 },
  (_, byte) => '%' + byte.toString(16).toUpperCase().padStart(2, '0'),
);

/** Percent-encoding as the common encoders write it, from whole URIs to every byte, in both hex cases. */
export function listPercent(bytes: Uint8Array): string[] {
  const text = toLatin1(bytes);
  const forms = new Set(
    [COMPONENT, RFC3986, PYTHON_QUOTE, WHOLE_URI].map((signs) => text.replace(signs, escapeByte)),
  );
  for (const signs of [FORM, RFC3986]) forms.add(text.replace(signs, escapeByte).replaceAll('%20', '+'));
  forms.add(Buffer.from(bytes).toString('hex').toUpperCase().replace(/../g, '%$&'));
  return [...forms].flatMap((upper) => [upper, upper.replace(/%../g, (escape) => escape.toLowerCase())]);
}

function escapeByte(character: string): string {
  return ESCAPES[character.charCodeAt(0)] ?? '';
}
