import { describe, expect, it } from 'vitest';
import { toLatin1 } from './latin1.ts';
import { compileRedactor } from './redactor.ts';
import type { RedactionStream } from './stream.ts';

function streamOf(value: string): RedactionStream {
  return compileRedactor([{ name: 'V', value }]).stream();
}

function write(stream: RedactionStream, text: string): string {
  return toLatin1(stream.write(Buffer.from(text)));
}

describe('a stream', () => {
  it('holds only what may be the start of a value, and gives it out with the byte that decides', () => {
    const stream = streamOf('secret-value');
    expect(write(stream, 'a secret')).toBe('a ');
    expect(stream.held).toBe(6);
    expect(write(stream, 's')).toBe('secret');
    expect(stream.held).toBe(1);
    expect(write(stream, 'ecret-valu')).toBe('');
    expect(write(stream, 'e')).toBe('[masked:V]');
    expect(stream.held).toBe(0);
  });

  it('holds no more than the longest pattern with its interruptions, however the text goes on', () => {
    const stream = streamOf('0123456789abcdef');
    const endless = [
      '\n',
      ' ',
      '\0',
      '\x1b\0',
      '0123456789',
      '\x1b[0m',
      '0\n',
      '\x1b[',
      '0123456789abcdef',
      '\x1b',
    ];
    for (const piece of endless) {
      for (let times = 0; times < 3_000; times++) {
        stream.write(Buffer.from(piece));
        expect(stream.held).toBeLessThan(16 * 130);
      }
    }
  });

  it('an idle release gives out at most 2 bytes of a possible value and masks the rest when it comes', () => {
    const stream = streamOf('secret-value');
    expect(write(stream, 'name: secre')).toBe('name: ');
    expect(toLatin1(stream.release())).toBe('se');
    expect(toLatin1(stream.release())).toBe('');
    expect(stream.held).toBe(3);
    expect(write(stream, 't-value\n')).toBe('[masked:V]\n');
  });

  it('an idle release gives out a prompt that only resembles a value, and the rest once it differs', () => {
    const stream = streamOf('password-123');
    expect(write(stream, 'password')).toBe('');
    expect(toLatin1(stream.release())).toBe('pa');
    expect(write(stream, ': ')).toBe('ssword: ');
  });

  it('an idle release gives out a finished mask once, though the value might go on', () => {
    const stream = compileRedactor([
      { name: 'SHORT', value: 'token-1' },
      { name: 'LONG', value: 'token-1-and-lots' },
    ]).stream();
    expect(write(stream, 'token-1')).toBe('');
    expect(toLatin1(stream.release())).toBe('[masked:SHORT]');
    expect(stream.held).toBe(0);
    expect(write(stream, '-and-lots')).toBe('[masked:LONG]');
    expect(write(stream, 'token-1-and-')).toBe('');
    expect(toLatin1(stream.release())).toBe('[masked:SHORT]');
    expect(toLatin1(stream.flush())).toBe('-and-');
  });

  it('a flush ends the stream: what comes next is a new one', () => {
    const stream = streamOf('secret-value');
    expect(write(stream, 'secret-')).toBe('');
    expect(toLatin1(stream.flush())).toBe('secret-');
    expect(write(stream, 'value secret-value ')).toBe('value [masked:V] ');
    expect(toLatin1(stream.flush())).toBe('');
  });

  it('takes empty chunks and gives an unchanged chunk back without copying it', () => {
    const stream = streamOf('secret-value');
    const chunk = Buffer.from('x'.repeat(1_000));
    expect(stream.write(new Uint8Array(0)).length).toBe(0);
    const output = stream.write(chunk);
    expect(output.buffer).toBe(chunk.buffer);
    expect(output.byteOffset).toBe(chunk.byteOffset);
    expect(output.length).toBe(1_000);
  });

  it('leaves chunks it was given alone, and does not need them afterwards', () => {
    const stream = streamOf('secret-value');
    const chunk = Buffer.from('a secret-');
    stream.write(chunk);
    expect(chunk.toString()).toBe('a secret-');
    chunk.fill(0);
    expect(write(stream, 'other')).toBe('secret-other');
  });

  it('one compiled set serves streams side by side', () => {
    const redactor = compileRedactor([{ name: 'V', value: 'secret-value' }]);
    const [first, second] = [redactor.stream(), redactor.stream()];
    expect(write(first, 'secret-')).toBe('');
    expect(write(second, 'value')).toBe('value');
    expect(write(first, 'value ')).toBe('[masked:V] ');
  });

  it('sets of different sizes take turns, block by block, and each finds its own values only', () => {
    const before = 'lorem ipsum dolor sit amet, '.repeat(40);
    const makeSet = (set: string, count: number): { values: string[]; stream: RedactionStream } => {
      const values = Array.from(
        { length: count },
        (_, index) => `${set.repeat(3)} ${index * 7919} ${set.repeat(3)}`,
      );
      const redactor = compileRedactor(values.map((value) => ({ name: set, value })));
      return { values, stream: redactor.stream() };
    };
    const [few, many] = [makeSet('FEW', 3), makeSet('MANY', 1_500)];
    for (let turn = 0; turn < 200; turn++) {
      const [other, own] = [few.values[turn % 3] ?? '', many.values[turn * 7] ?? ''];
      const text = `${before}${other}, ${own}.\n`;
      expect(write(few.stream, text)).toBe(`${before}[masked:FEW], ${own}.\n`);
      expect(write(many.stream, text)).toBe(`${before}${other}, [masked:MANY].\n`);
    }
  });

  it('finds a value at every place around the borders of the blocks that a large chunk is taken in', () => {
    const border = 1 << 16;
    for (let back = -2; back <= 14; back++) {
      const chunk = Buffer.alloc(border + 1_000, 'x');
      chunk.write('secret-value', border - back);
      const stream = streamOf('secret-value');
      const output = toLatin1(stream.write(chunk)) + toLatin1(stream.flush());
      expect(output).toBe('x'.repeat(border - back) + '[masked:V]' + 'x'.repeat(988 + back));
    }
  });

  it('finds values in long texts wherever they stand, of one set with short and long values', () => {
    const values = Array.from({ length: 40 }, (_, index) => ({
      name: `N${index}`,
      value: Buffer.from(`value number ${index * 7919}`)
        .toString('base64')
        .slice(0, 7 + index),
    }));
    const redactor = compileRedactor(values);
    for (const [index, { value }] of values.entries()) {
      const before = 'lorem ipsum dolor sit amet, '.repeat(40 + index).slice(index);
      const text = before + value + '\n' + before;
      const names = values.filter((other) => value.includes(other.value)).map(({ name }) => name);
      const masked = redactor.redactText(text);
      for (const name of names) expect(masked).toContain(name);
      expect(masked.startsWith(before) && masked.endsWith('\n' + before)).toBe(true);
      expect(masked.slice(before.length)).not.toContain(value);
    }
  });
});

describe('a set without encodings', () => {
  it('finds values and their lines, also interrupted, and nothing else', () => {
    const values = [{ name: 'V', value: 'secret-value\nsecond-line' }];
    const redactor = compileRedactor(values, { encodings: false });
    expect(redactor.redactText('a secret-\x1b[1mvalue b second-line')).toBe(
      'a [masked:V]\x1b[1m b [masked:V]',
    );
    const hex = Buffer.from('secret-value').toString('hex');
    expect(redactor.redactText(hex)).toBe(hex);
  });
});

describe('redactText', () => {
  it('masks a text and leaves characters of every length whole', () => {
    const redactor = compileRedactor([{ name: 'V', value: 'sécrèt-välue-🔑' }]);
    expect(redactor.redactText('é🔑 sécrèt-välue-🔑 🔑é')).toBe('é🔑 [masked:V] 🔑é');
    expect(redactor.redactText('\ufeffsécrèt')).toBe('\ufeffsécrèt');
  });
});
