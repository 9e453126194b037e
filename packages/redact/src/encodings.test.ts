import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRedactor } from './redactor.ts';

const value = fc.string({ unit: 'binary', minLength: 6, maxLength: 60 }).filter((text) => text.trim() !== '');
const bytes = fc.uint8Array({ minLength: 6, maxLength: 60 }).filter((some) => maskable(some));
const neighbours = fc.uint8Array({ maxLength: 9 });

function maskable(some: Uint8Array): boolean {
  return compileRedactor([{ name: 'V', value: some }]).unmaskable.length === 0;
}

function mask(secret: string | Uint8Array, text: string | Uint8Array): string {
  const stream = compileRedactor([{ name: 'V', value: secret }]).stream();
  return Buffer.concat([stream.write(Buffer.from(text)), stream.flush()]).toString('latin1');
}

describe('a value in the encodings of real encoders', () => {
  it('R-087 base64 and base64url between any neighbours: only their own characters are left', () => {
    fc.assert(
      fc.property(bytes, neighbours, neighbours, (secret, before, after) => {
        const whole = Buffer.concat([before, secret, after]);
        for (const form of ['base64', 'base64url'] as const) {
          const around = Math.ceil((before.length * 8) / 6) + Math.ceil((after.length * 8) / 6) + 4;
          const left = mask(secret, whole.toString(form)).replaceAll('[masked:V]', '');
          expect(left.length).toBeLessThanOrEqual(around);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('base64 in lines of 64 and 76 characters, with either line ending', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 100, maxLength: 300 }), (secret) => {
        for (const [length, ending] of [
          [64, '\n'],
          [76, '\r\n'],
        ] as const) {
          const lines = Buffer.from(secret)
            .toString('base64')
            .replace(new RegExp(`.{${length}}`, 'g'), `$&${ending}`);
          expect(mask(secret, `>${lines}`).replace(/=*(\r?\n)?$/, '')).toMatch(/^>\[masked:V\].?$/s);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('hexadecimal in both cases', () => {
    fc.assert(
      fc.property(bytes, (secret) => {
        const hex = Buffer.from(secret).toString('hex');
        expect(mask(secret, `<${hex}>`)).toBe('<[masked:V]>');
        expect(mask(secret, `<${hex.toUpperCase()}>`)).toBe('<[masked:V]>');
      }),
      { numRuns: 300 },
    );
  });

  it('R-087 percent-encoding by component, by form and by byte', () => {
    fc.assert(
      fc.property(value.filter(isWellFormed), (secret) => {
        const component = encodeURIComponent(secret);
        const form = new URLSearchParams({ '': secret }).toString().slice(1);
        const every = Buffer.from(secret).toString('hex').replace(/../g, '%$&');
        for (const encoded of [component, form, every, every.toUpperCase(), encodeURI(secret)]) {
          expect(mask(secret, `<${encoded}>`)).toBe('<[masked:V]>');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('R-087 JSON strings as JavaScript writes them, once and twice', () => {
    fc.assert(
      fc.property(value.filter(isWellFormed), (secret) => {
        const json = JSON.stringify(secret);
        expect(mask(secret, json)).toBe('"[masked:V]"');
        expect(mask(secret, JSON.stringify(json))).toBe('"\\"[masked:V]\\""');
      }),
      { numRuns: 300 },
    );
  });

  it('UTF-16 in both byte orders', () => {
    fc.assert(
      fc.property(value.filter(isWellFormed), (secret) => {
        const little = Buffer.from(secret, 'utf16le');
        const big = Buffer.from(little).swap16();
        for (const encoded of [little, big]) {
          expect(mask(secret, encoded).replaceAll('\0', '')).toBe('[masked:V]');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('UTF-16 in both byte orders that is wrapped, indented or coloured inside the value', () => {
    const gaps = [
      '\n',
      '\r\n',
      '\n    ',
      '\x1b[1;31m',
      '\x1b(B',
      '\n \x1b[0m ',
      '\x1b[K\r\n\t',
      '\x1b[m\x0f',
      '\n\x0e  ',
    ];
    for (const gap of gaps) {
      for (let place = 1; place < 16; place++) {
        const secret = 'token-0123456789';
        const text = `<${secret.slice(0, place)}${gap}${secret.slice(place)}>`;
        const little = Buffer.from(text, 'utf16le');
        for (const encoded of [little, Buffer.from(little).swap16()]) {
          expect(mask(secret, encoded).replaceAll('\0', '')).toMatch(
            /^<\[masked:V\][^0-9a-z-]*(?:\x1b\S*)?>$/,
          );
        }
      }
    }
  });

  it('as bash quotes it in printf %q, set -x and by hand', () => {
    const secrets = [
      'it\'s $HOME `x` "q" \\ end!',
      'tab\tand\nline break',
      'plain-value',
      'a b&c|d;e<f>(g){h}[i]*?~#',
    ];
    for (const secret of secrets) {
      const quoted = execFileSync('bash', ['-c', 'printf %q "$1"', 'bash', secret]).toString();
      expect(mask(secret, quoted)).toMatch(/^(\$')?\[masked:V\]'?$/);
      const traced = execFileSync('bash', ['-c', 'exec 2>&1; set -x; : "$1"', 'bash', secret]).toString();
      expect(mask(secret, traced)).toMatch(/^\+ : (\$)?'?\[masked:V\]'?\n$/);
      expect(mask(secret, `'${secret.replaceAll("'", "'\\''")}'`)).toMatch(/^'\[masked:V\]'$/);
    }
  });

  it('as Python writes it in repr of JSON, quote, shlex and html.escape', () => {
    const secret = 'ké & <tag> "q" it\'s /path+x=1';
    const script = [
      'import sys,json,shlex,html,urllib.parse as u',
      'v=sys.argv[1]',
      'print("\\n".join([json.dumps(v),u.quote(v),u.quote_plus(v),u.quote(v,safe=""),shlex.quote(v),html.escape(v)]))',
    ].join('\n');
    const lines = execFileSync('python3', ['-c', script, secret]).toString('utf8').trimEnd().split('\n');
    for (const line of lines) expect(mask(secret, line)).toMatch(/^["']?\[masked:V\]["']?$/);
  });

  it('each line of a multi-line value is found encoded by itself', () => {
    const secret = 'first secret line\nsecond secret line\n';
    for (const line of secret.trimEnd().split('\n')) {
      expect(mask(secret, Buffer.from(line).toString('hex'))).toBe('[masked:V]');
      expect(mask(secret, encodeURIComponent(line))).toBe('[masked:V]');
      expect(mask(secret, Buffer.from(`x${line}`).toString('base64'))).toContain('[masked:V]');
    }
  });
});

function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
