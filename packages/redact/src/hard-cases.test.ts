import { describe, expect, it } from 'vitest';
import { compileRedactor, type NamedValue } from './redactor.ts';

const PEM = [
  '-----BEGIN PRIVATE KEY-----',
  'MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF',
  'q83H2YwTz0x1m5u8kLQeRbVnSdGfJhPo7iAyCtXWsEDMNlKvUZaO9r4p6gIBBhcj',
  '-----END PRIVATE KEY-----',
].join('\n');

function mask(values: Record<string, string>, text: string): string {
  return compileRedactor(
    Object.entries(values).map(([name, value]): NamedValue => ({ name, value })),
  ).redactText(text);
}

describe('what the GitHub runner lets through', () => {
  it('base64 of a secret that other text follows or precedes, at each alignment', () => {
    for (const before of ['', 'u', 'us', 'usr', 'user:']) {
      for (const after of ['', '\n', ':x', ' and more']) {
        const header = Buffer.from(before + 'correct horse battery' + after).toString('base64');
        const masked = mask({ PASSWORD: 'correct horse battery' }, `Authorization: Basic ${header}`);
        expect(masked).toMatch(/^Authorization: Basic .{0,8}\[masked:PASSWORD\].{0,16}$/);
      }
    }
  });

  it('a multi-line value as a whole, its lines one by one, and its lines with Windows endings', () => {
    expect(mask({ KEY: PEM }, `key: ${PEM}\n`)).toBe('key: [masked:KEY]\n');
    expect(mask({ KEY: PEM }, PEM.replaceAll('\n', '\r\n'))).toBe('[masked:KEY]');
    for (const line of PEM.split('\n')) expect(mask({ KEY: PEM }, `> ${line} <`)).toBe('> [masked:KEY] <');
  });

  it('a multi-line value in a YAML block, in JSON, in a shell variable and on one line', () => {
    expect(mask({ KEY: PEM }, `key: |\n  ${PEM.replaceAll('\n', '\n  ')}\nnext: 1`)).toBe(
      'key: |\n  [masked:KEY]\nnext: 1',
    );
    expect(mask({ KEY: PEM }, JSON.stringify({ key: PEM }))).toBe('{"key":"[masked:KEY]"}');
    expect(mask({ KEY: PEM }, `KEY=$'${PEM.replaceAll('\n', '\\n')}'`)).toBe("KEY=$'[masked:KEY]'");
    expect(mask({ KEY: PEM }, PEM.replaceAll('\n', ''))).toBe('[masked:KEY]');
  });

  it('a structured value whose parts are printed reformatted, line by line', () => {
    const account = JSON.stringify(
      { type: 'service', private_key_id: 'b1946ac92492d2347c6235b4d2611184' },
      null,
      2,
    );
    expect(
      mask({ ACCOUNT: account }, `{"a":1,\n      "private_key_id": "b1946ac92492d2347c6235b4d2611184"}`),
    ).toBe('{"a":1,\n    [masked:ACCOUNT]}');
  });
});

describe('what dotenvx and varlock let through', () => {
  it('the tail of two secrets that overlap: one mask names both', () => {
    expect(mask({ A: 'abcdefgh-1234', B: '1234-tail-of-b' }, 'x abcdefgh-1234-tail-of-b y')).toBe(
      'x [masked:A,B] y',
    );
  });

  it('a secret that is the start, the end or the middle of another one', () => {
    const values = { WHOLE: 'prefix-middle-suffix', START: 'prefix-', MIDDLE: '-middle-', END: '-suffix' };
    expect(mask(values, 'prefix-middle-suffix')).toBe('[masked:WHOLE,START,MIDDLE,END]');
    expect(mask(values, 'prefix-middle-other')).toBe('[masked:START,MIDDLE]other');
    expect(mask(values, 'the-suffix')).toBe('the[masked:END]');
  });

  it('two secrets with the same value, and one right after the other', () => {
    expect(mask({ A: 'same-value', B: 'same-value' }, 'same-value')).toBe('[masked:A,B]');
    expect(mask({ A: 'one-value', B: 'two-value' }, 'one-valuetwo-value')).toBe('[masked:A][masked:B]');
  });

  it('a value cut by a chunk border, byte by byte', () => {
    const stream = compileRedactor([{ name: 'TOKEN', value: 'token-0123456789' }]).stream();
    const bytes = Buffer.from('a token-0123456789 b');
    const parts = Array.from(bytes, (_, at) =>
      Buffer.from(stream.write(bytes.subarray(at, at + 1))).toString(),
    );
    expect(parts.join('') + Buffer.from(stream.flush()).toString()).toBe('a [masked:TOKEN] b');
  });

  it('bytes that are no text come out as they went in, also around a value', () => {
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.from('token-0123456789'),
      Buffer.from([0xff, 0xc3, 0x28, 0x00]),
    ]);
    const stream = compileRedactor([{ name: 'TOKEN', value: 'token-0123456789' }]).stream();
    const output = Buffer.concat([stream.write(bytes), stream.flush()]);
    const expected = [bytes.subarray(0, 256), Buffer.from('[masked:TOKEN]'), bytes.subarray(272)];
    expect(output.equals(Buffer.concat(expected))).toBe(true);
  });

  it('text that ends without a line break is not held back', () => {
    const stream = compileRedactor([{ name: 'TOKEN', value: 'token-0123456789' }]).stream();
    expect(Buffer.from(stream.write(Buffer.from('Password: '))).toString()).toBe('Password: ');
    expect(stream.held).toBe(0);
  });

  it('an encoded value: base64, hex, percent, JSON, HTML and UTF-16', () => {
    const value = 'p&ss"w/ord\\+é=';
    for (const encoded of [
      Buffer.from(value).toString('hex'),
      Buffer.from(value).toString('hex').toUpperCase(),
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
      JSON.stringify(JSON.stringify(value)).slice(3, -3),
      'p&amp;ss&quot;w/ord\\+é=',
    ]) {
      expect(mask({ P: value }, `<${encoded}>`)).toBe('<[masked:P]>');
    }
  });
});

describe('on a terminal', () => {
  it('a value in several colours is masked, and the colours still apply to what follows', () => {
    expect(
      mask({ T: 'token-0123456789' }, '\x1b[31mtoken\x1b[0m-\x1b[1;38;5;12m0123456789\x1b(B\x1b[m ok'),
    ).toBe('\x1b[31m[masked:T]\x1b[0m\x1b[1;38;5;12m\x1b(B\x1b[m ok');
  });

  it('a value with `sgr0` of tmux and screen inside, which ends with a shift', () => {
    expect(mask({ T: 'token-0123456789' }, '\x1b[1mtoken-\x1b[m\x0f0123456789\x0f ok')).toBe(
      '\x1b[1m[masked:T]\x1b[m\x0f ok',
    );
  });

  it('a value that has bytes of a shift itself, as it is and wrapped', () => {
    const thai = 'กขคงจฉชซ';
    const text = Buffer.from(thai, 'utf16le').toString('latin1');
    for (const printed of [text, `${text.slice(0, 6)}\n\0${text.slice(6)}`]) {
      // The last byte of a wrapped one is a shift, and is left.
      expect(mask({ T: thai }, printed)).toMatch(/^\[masked:T\]\x0e?$/);
    }
  });

  it('a value that wraps over lines, with and without indentation', () => {
    for (const wrap of ['\n', '\r\n', '\n    ', '\r\n\t', '\x1b[K\r\n\x1b[2m  ']) {
      expect(mask({ T: 'token-0123456789' }, `a token-01${wrap}23456789 b`)).toMatch(
        /^a \[masked:T\](\x1b\[K\x1b\[2m)? b$/,
      );
    }
  });

  it('a value after what looks like the start of a colour', () => {
    for (const start of ['\x1b', '\x1b[', '\x1b[1;', '\x1b(', '\x1b[\x1b[']) {
      expect(mask({ T: '7seventy-seven', U: 'SECRET-value' }, `${start}7seventy-seven`)).toBe(
        `${start}[masked:T]`,
      );
      expect(mask({ T: '7seventy-seven', U: 'SECRET-value' }, `${start}SECRET-value`)).toBe(
        `${start}[masked:U]`,
      );
    }
  });

  it('a value that itself holds colours and line breaks', () => {
    const value = '\x1b[31mred\x1b[0m\nand\nplain';
    expect(mask({ V: value }, `<${value}>`)).toBe('<[masked:V]>');
  });
});

describe('values that are not masked', () => {
  it('R-087 values under 6 characters and blank ones, which are named', () => {
    const redactor = compileRedactor([
      { name: 'SHORT', value: '12345' },
      { name: 'ACCENTS', value: 'éééé' },
      { name: 'BLANK', value: '        ' },
      { name: 'LONG', value: '123456' },
    ]);
    expect(redactor.unmaskable).toEqual(['SHORT', 'ACCENTS', 'BLANK']);
    expect(redactor.redactText('12345 éééé          123456')).toBe('12345 éééé          [masked:LONG]');
  });

  it('R-087 lines under 6 characters of a multi-line value, unless the whole is there', () => {
    const value = 'first line\nshort\nlast line';
    expect(mask({ V: value }, 'short')).toBe('short');
    expect(mask({ V: value }, 'first line, short, last line')).toBe('[masked:V], short, [masked:V]');
    expect(mask({ V: value }, value)).toBe('[masked:V]');
  });

  it('no values at all leave every byte alone', () => {
    expect(compileRedactor([]).redactText('anything\n\x1b[0m at all')).toBe('anything\n\x1b[0m at all');
  });
});

describe('values cut short', () => {
  it('of 16 bytes or more: without up to 3 bytes at either end they are masked all the same', () => {
    const value = 'abcdefghijklmnop';
    for (let start = 0; start <= 3; start++) {
      for (let end = 0; end <= 3; end++) {
        const cut = value.slice(start, value.length - end);
        const masked = mask({ V: value }, `<${cut}>`);
        expect(masked).toMatch(/^<.{0,2}\[masked:V\]>$/);
        if (start === 0 || start === 3) expect(masked).toBe('<[masked:V]>');
      }
    }
  });
});
