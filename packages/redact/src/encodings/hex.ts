/** Hexadecimal digits in both cases. */
export function listHex(bytes: Uint8Array): string[] {
  const lower = Buffer.from(bytes).toString('hex');
  return [lower, lower.toUpperCase()];
}
