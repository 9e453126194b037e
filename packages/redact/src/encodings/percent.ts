const COMPONENT = listSigns(/[A-Za-z0-9\-_.!~*'()]/);
const RFC3986 = listSigns(/[A-Za-z0-9\-_.~]/);
const FORM = listSigns(/[A-Za-z0-9*\-._]/);
const PYTHON_QUOTE = listSigns(/[A-Za-z0-9\-_.~/]/);
const WHOLE_URI = listSigns(/[A-Za-z0-9\-_.!~*'();/?:@&=+$,#]/);
const EVERY_BYTE = listSigns(/[^\s\S]/);
const PLUS_FOR_SPACE = [FORM, RFC3986].map((signs) => signs.with(0x20, '+'));
const WRITERS = [COMPONENT, RFC3986, PYTHON_QUOTE, WHOLE_URI, EVERY_BYTE, ...PLUS_FOR_SPACE];

/** Percent-encoding as the common encoders write it, from whole URIs to every byte, in both hex cases. */
export function listPercent(bytes: Uint8Array): string[] {
  const forms = new Set(
    WRITERS.map((signs) => {
      let text = '';
      for (const byte of bytes) text += signs[byte] ?? '';
      return text;
    }),
  );
  return [...forms].flatMap((upper) => [upper, upper.replace(/%../g, (escape) => escape.toLowerCase())]);
}

/** What each byte is written as by an encoder that keeps the characters of `kept`. */
function listSigns(kept: RegExp): string[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const character = String.fromCharCode(byte);
    return kept.test(character) ? character : '%' + byte.toString(16).toUpperCase().padStart(2, '0');
  });
}
