import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { createDataKey } from './data-key.ts';
import { generateRootKeyText, rootKeyFromText } from './root-key.ts';
import { SecretBytes } from './secret-bytes.ts';

const plaintext = 'planted-secret-7f3a';
const secret = SecretBytes.from(plaintext);
const bytes = Buffer.from(plaintext);
const traces = [
  plaintext,
  bytes.toString('hex'),
  bytes.toString('hex').toUpperCase(),
  bytes.toString('base64'),
  bytes.toString('latin1'),
  [...bytes].join(','),
  [...bytes].join(', '),
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
  'planted',
];

/** Inspection breaks lists of bytes into padded columns, which would hide them from the comparison. */
const expectNoTrace = (output: string): void => {
  const inOneLine = output.replaceAll(/\s+/g, ' ');
  for (const trace of traces) {
    expect(output).not.toContain(trace);
    expect(inOneLine).not.toContain(trace);
  }
};

const printByConsole = (...printed: unknown[]): string => {
  let output = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      output += chunk.toString();
      done();
    },
  });
  const console = new Console(stream);
  console.log(...printed);
  console.dir(printed, { depth: null, showHidden: true });
  console.table(printed);
  return output;
};

describe('secret bytes never print', () => {
  it.each([
    ['String()', () => String(secret)],
    ['toString', () => secret.toString()],
    ['a template literal', () => String.raw`${secret}`],
    ['Array.join', () => [secret].join()],
    ['util.inspect', () => inspect(secret)],
    ['util.inspect with showHidden', () => inspect(secret, { showHidden: true })],
    ['util.format with %s', () => format('%s', secret)],
    ['util.format with %o', () => format('%o', secret)],
    ['util.format with %O', () => format('%O', secret)],
  ])('%s gives [redacted]', (_way, print) => {
    expect(print()).toBe('[redacted]');
  });

  it('JSON.stringify gives [redacted], nested too', () => {
    expect(JSON.stringify(secret)).toBe('"[redacted]"');
    expect(JSON.stringify({ value: [secret] })).toBe('{"value":["[redacted]"]}');
    expect(format('%j', { secret })).toBe('{"secret":"[redacted]"}');
  });

  it('inspection without custom inspectors, with hidden fields and getters, shows no trace', () => {
    secret.toKeyObject();
    expectNoTrace(
      inspect({ secret }, { customInspect: false, showHidden: true, depth: null, getters: true }),
    );
  });

  it('the console shows no trace, in any of its ways', () => {
    const output = printByConsole('%s %o %O %j %d', secret, secret, secret, secret, secret, { secret }, [
      secret,
    ]);
    expect(output).toContain('[redacted]');
    expectNoTrace(output);
  });

  it('an error that carries it as cause or property shows no trace', () => {
    const error = Object.assign(new Error('failed', { cause: secret }), { secret, nested: { secret } });
    expectNoTrace(inspect(error, { showHidden: true, depth: null }));
    expectNoTrace(String(error) + String(error.stack) + JSON.stringify(error));
    expectNoTrace(printByConsole(error));
  });

  it('a structured clone, a serialization and a spread hold nothing of it', () => {
    expect(structuredClone(secret)).toEqual({});
    expect(structuredClone(secret)).not.toBeInstanceOf(SecretBytes);
    expectNoTrace(serialize({ secret }).toString('latin1'));
    expectNoTrace(JSON.stringify(Object.assign({}, secret)) + Reflect.ownKeys(secret).join());
  });

  it('the keys that hold it print without it', () => {
    const rootKeyText = generateRootKeyText();
    const rootKey = rootKeyFromText(rootKeyText);
    const dataKey = createDataKey({ id: 'dk_1', organizationId: 'org_1', generation: 1 });
    const output = inspect({ rootKey, dataKey }, { depth: null, showHidden: true });
    expect(output).toContain('wrappingKey: [redacted]');
    expect(output).toContain('bytes: [redacted]');
    expect(output).not.toContain(rootKeyText.trim());
    expect(JSON.stringify(dataKey)).toBe(
      '{"id":"dk_1","organizationId":"org_1","generation":1,"bytes":"[redacted]"}',
    );
  });

  it('an error of the decoder does not quote the bytes', () => {
    const broken = SecretBytes.from(Buffer.concat([bytes, Buffer.from([0xff])]));
    expect(() => broken.revealPlaintext()).toThrow(TypeError);
    try {
      broken.revealPlaintext();
    } catch (error) {
      expectNoTrace(inspect(error, { showHidden: true, depth: null }));
    }
  });
});

describe('secret bytes', () => {
  it('give back exactly the text or bytes they were made from', () => {
    for (const text of ['', plaintext, '\uFEFFwith a mark', 'zero\u0000byte', '🔑 schlüssel', 'line\r\n']) {
      expect(SecretBytes.from(text).revealPlaintext()).toBe(text);
      expect(SecretBytes.from(text).byteLength).toBe(Buffer.byteLength(text));
    }
    expect(SecretBytes.from(Uint8Array.of(0, 255)).revealBytes()).toEqual(Uint8Array.of(0, 255));
  });

  it('copy their source, unless they adopt it', () => {
    const source = Uint8Array.of(1, 2, 3);
    const copied = SecretBytes.from(source);
    const adopted = SecretBytes.adopt(source);
    expect(adopted.revealBytes()).toBe(source);
    source.fill(9);
    expect(copied.revealBytes()).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('refuse text that UTF-8 cannot carry', () => {
    expect(() => SecretBytes.from('a\ud800b')).toThrow(TypeError);
  });

  it('are zeroed by wipe, and reveal nothing afterwards', () => {
    const source = Uint8Array.of(1, 2, 3);
    const wiped = SecretBytes.adopt(source);
    wiped.toKeyObject();
    wiped.wipe();
    wiped.wipe();
    expect(source).toEqual(new Uint8Array(3));
    expect(() => wiped.revealBytes()).toThrow('wiped');
    expect(() => wiped.revealPlaintext()).toThrow('wiped');
    expect(() => wiped.toKeyObject()).toThrow('wiped');
    expect(String(wiped)).toBe('[redacted]');
  });

  it('are wiped at the end of a using block', () => {
    const source = Uint8Array.of(1, 2, 3);
    {
      using held = SecretBytes.adopt(source);
      expect(held.byteLength).toBe(3);
    }
    expect(source).toEqual(new Uint8Array(3));
  });
});
