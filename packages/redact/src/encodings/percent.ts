import { toLatin1 } from '../latin1.ts';
import { Escaper, type SignWriter } from './escaper.ts';

// What each encoder writes as %XX. The bytes of other characters than ASCII always are.
const COMPONENT = /[^A-Za-z0-9\-_.!~*'()]/;
const RFC3986 = /[^A-Za-z0-9\-_.~]/;
const FORM = /[^A-Za-z0-9*\-._]/;
const PYTHON_QUOTE = /[^A-Za-z0-9\-_.~/]/;
const WHOLE_URI = /[^A-Za-z0-9\-_.!~*'();/?:@&=+$,#]/;

const ESCAPER = new Escaper(
  /[^A-Za-z0-9\-_.]/g,
  [
    ...[COMPONENT, RFC3986, PYTHON_QUOTE, WHOLE_URI].map((signs): SignWriter => escape(signs)),
    ...[FORM, RFC3986].map(
      (signs): SignWriter =>
        (sign) =>
          sign === ' ' ? '+' : escape(signs)(sign),
    ),
  ].flatMap((upper): SignWriter[] => [upper, (sign) => lower(upper(sign))]),
);

/** Percent-encoding as the common encoders write it, from whole URIs to every byte, in both hex cases. */
export function listPercent(bytes: Uint8Array): string[] {
  const every = Buffer.from(bytes).toString('hex').replace(/../g, '%$&');
  return [...ESCAPER.list(toLatin1(bytes)), every, every.toUpperCase()];
}

function escape(signs: RegExp): SignWriter {
  return (sign) =>
    signs.test(sign) ? '%' + sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0') : sign;
}

function lower(written: string): string {
  return written.length === 3 ? written.toLowerCase() : written;
}
