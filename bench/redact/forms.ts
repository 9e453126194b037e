/** The forms of a value that a log may hold, by name. Written with the platform's own encoders, not ours. */
export function listForms(value: string, neighbours: string): [string, Buffer][] {
  const bytes = Buffer.from(value);
  const middle = value.length >>> 1;
  const [start, end] = [value.slice(0, middle), value.slice(middle)];
  const base64 = [0, 1, 2].map((before): [string, Buffer] => [
    'base64',
    Buffer.from(
      Buffer.concat([Buffer.from(neighbours.slice(0, before)), bytes, Buffer.from('tail')]).toString(
        'base64',
      ),
    ),
  ]);
  return [
    ...base64,
    ['base64url', Buffer.from(bytes.toString('base64url'))],
    ['base64 in lines', Buffer.from(bytes.toString('base64').replace(/.{16}/g, '$&\n'))],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['hex', Buffer.from(bytes.toString('hex').toUpperCase())],
    ['percent', Buffer.from(encodeURIComponent(value))],
    ['percent, every byte', Buffer.from(bytes.toString('hex').replace(/../g, '%$&'))],
    ['JSON', Buffer.from(JSON.stringify(value).replaceAll('/', '\\/'))],
    ['UTF-16', Buffer.from(value, 'utf16le')],
    ['wrapped', Buffer.from(`${start}\n    ${end}`)],
    ['coloured', Buffer.from(`${start}\x1b[1;31m${end}`)],
    ['UTF-16, wrapped', Buffer.from(`${start}\r\n    ${end}`, 'utf16le')],
    ['UTF-16, coloured', Buffer.from(`${start}\x1b[1;31m${end}`, 'utf16le')],
  ];
}
