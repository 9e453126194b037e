const COMPONENT = /[A-Za-z0-9\-_.!~*'()]/;
const RFC3986 = /[A-Za-z0-9\-_.~]/;
const FORM = /[A-Za-z0-9*\-._]/;
const PYTHON_QUOTE = /[A-Za-z0-9\-_.~/]/;
const WHOLE_URI = /[A-Za-z0-9\-_.!~*'();/?:@&=+$,#]/;
const NOTHING = /[^\s\S]/;

/** Percent-encoding as the common encoders write it, from whole URIs to every byte, in both hex cases. */
export function listPercent(bytes: Uint8Array): string[] {
  const forms = [COMPONENT, RFC3986, PYTHON_QUOTE, WHOLE_URI, NOTHING].map((kept) => encode(bytes, kept));
  forms.push(encode(bytes, FORM).replaceAll('%20', '+'), encode(bytes, RFC3986).replaceAll('%20', '+'));
  return forms.flatMap((upper) => [upper, upper.replace(/%../g, (escape) => escape.toLowerCase())]);
}

function encode(bytes: Uint8Array, kept: RegExp): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += kept.test(character) ? character : '%' + byte.toString(16).toUpperCase().padStart(2, '0');
  }
  return text;
}
