const BEYOND_LATIN1 = /[^\0-\xff]/;

/** UTF-16 in both byte orders; the outer zero byte is left out, so plain text gives one pattern for both. */
export function listUtf16(text: string): Uint8Array[] {
  const little = Buffer.from(text, 'utf16le');
  if (!BEYOND_LATIN1.test(text)) return [little.subarray(0, -1)];
  const big = Buffer.from(little).swap16();
  return [little.subarray(0, little.at(-1) === 0 ? -1 : undefined), big.subarray(big[0] === 0 ? 1 : 0)];
}
