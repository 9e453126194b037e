const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The base64 characters that `bytes` decide alone, for each of the three places a value can have in its group
 * of three bytes. A character that also carries bits of a neighbour is left out, so any neighbours fit.
 */
export function listBase64(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((before) => {
    const standard = encodeInside(bytes, before);
    const urlSafe = standard.replaceAll('+', '-').replaceAll('/', '_');
    return standard === urlSafe ? [standard] : [standard, urlSafe];
  });
}

function encodeInside(bytes: Uint8Array, before: number): string {
  const firstBit = before * 8;
  const lastBit = firstBit + bytes.length * 8;
  let text = '';
  for (let bit = Math.ceil(firstBit / 6) * 6; bit + 6 <= lastBit; bit += 6) {
    const offset = bit - firstBit;
    const pair = ((bytes[offset >>> 3] ?? 0) << 8) | (bytes[(offset >>> 3) + 1] ?? 0);
    text += STANDARD.charAt((pair >>> (10 - (offset & 7))) & 63);
  }
  return text;
}
