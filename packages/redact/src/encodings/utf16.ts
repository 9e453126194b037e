/** UTF-16 in both byte orders; the outer zero byte is left out, so plain text gives one pattern for both. */
export function listUtf16(text: string): Uint8Array[] {
  return [true, false].map((littleEndian) => {
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let unit = 0; unit < text.length; unit++)
      view.setUint16(unit * 2, text.charCodeAt(unit), littleEndian);
    return littleEndian
      ? bytes.subarray(0, bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length)
      : bytes.subarray(bytes[0] === 0 ? 1 : 0);
  });
}
