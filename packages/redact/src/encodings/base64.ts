/**
 * The base64 characters that `bytes` decide alone, for each of the three places a value can have in its group
 * of three bytes. A character that also carries bits of a neighbour is left out, so any neighbours fit.
 */
export function listBase64(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([new Uint8Array(before), bytes]);
    const first = Math.ceil((before * 8) / 6);
    const end = Math.floor((padded.length * 8) / 6);
    return [padded.toString('base64').slice(first, end), padded.toString('base64url').slice(first, end)];
  });
}
