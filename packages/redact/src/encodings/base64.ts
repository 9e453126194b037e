/**
 * The base64 characters that `bytes` decide alone, for each of the three places a value can have in its group
 * of three bytes. A character that also carries bits of a neighbour is left out, so any neighbours fit.
 */
export function listBase64(bytes: Uint8Array): string[] {
  const padded = Buffer.concat([new Uint8Array(2), bytes]);
  return [0, 1, 2].flatMap((before) => {
    const group = padded.subarray(2 - before);
    const first = Math.ceil((before * 8) / 6);
    const end = Math.floor((group.length * 8) / 6);
    const standard = group.toString('base64').slice(first, end);
    return /[+/]/.test(standard) ? [standard, group.toString('base64url').slice(first, end)] : [standard];
  });
}
