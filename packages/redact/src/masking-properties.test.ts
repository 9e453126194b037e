import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, toLatin1 } from './latin1.ts';
import { maskNaively } from './naive-masking.ts';
import { compileRedactor, type NamedValue } from './redactor.ts';
import type { RedactionStream } from './stream.ts';

// Made-up streams for the tests: values over a tiny alphabet, so that they overlap and contain each other, and
// texts woven from their pieces, encoded, cut short and interrupted.

interface WovenStream {
  values: NamedValue[];
  input: Uint8Array;
  /** Places at which the input is cut into chunks, in order; a place may stand there twice. */
  cuts: number[];
}

const ALPHABETS = [
  'ab',
  'abAB+/',
  'ab\n ',
  'ab\r\n\t \x1b[m3',
  'a"\\\'/&< %',
  'ab\0\xc3\xa9\xff',
  'abcdefghijklmnopqrstuvwxyz0123456789',
];
const GAPS = [
  '\n',
  '\r\n  ',
  '\x1b[0m',
  '\x1b[1;31m',
  '\x1b(B',
  '\x1b[m\x0f',
  '\x0e',
  '\x0f\0',
  '\x1b[',
  '\x1b',
  ' ',
  '\n' + ' '.repeat(130),
  '\n\0 \0',
  '\0\n',
  '\x1b\0[\x003\x001\0m\0',
  '\0\x1b\0[\0m',
];
const ENCODERS: ((value: Buffer) => string)[] = [
  (value) => value.toString('latin1'),
  (value) => value.toString('latin1'),
  (value) => value.toString('base64'),
  (value) => Buffer.concat([Buffer.from('x'), value]).toString('base64url'),
  (value) => value.toString('hex'),
  (value) => value.toString('hex').replace(/../g, '%$&'),
  (value) => Buffer.from(value.toString('latin1'), 'utf16le').toString('latin1'),
];

const appearance = fc.record({
  value: fc.nat(),
  encoder: fc.nat(),
  dropsAtStart: fc.nat(8),
  dropsAtEnd: fc.nat(8),
  gaps: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...GAPS)), { maxLength: 3 }),
});
type Appearance = typeof appearance extends fc.Arbitrary<infer T> ? T : never;

const wovenStream: fc.Arbitrary<WovenStream> = fc.constantFrom(...ALPHABETS).chain((alphabet) => {
  const textOf = (
    letters: string,
    lengths: { minLength?: number; maxLength: number },
  ): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...letters.split('')), ...lengths });
  const filler = fc.oneof(
    { weight: 4, arbitrary: textOf(alphabet + 'xyz', { maxLength: 60 }) },
    { weight: 1, arbitrary: textOf(alphabet + 'tuvwxyz .', { maxLength: 400 }) },
  );
  return fc
    .record({
      values: fc.array(textOf(alphabet, { minLength: 6, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
      pieces: fc.array(fc.tuple(filler, appearance), { maxLength: 5 }),
      end: filler,
      cuts: fc.array(fc.nat(), { maxLength: 12 }),
    })
    .map(({ values, pieces, end, cuts }) => {
      const text = pieces.map(([before, appears]) => before + write(appears, values)).join('') + end;
      return {
        values: values.map((value, index) => ({ name: `N${index}`, value: fromLatin1(value) })),
        input: fromLatin1(text),
        cuts: cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
      };
    });
});

function write(appears: Appearance, values: readonly string[]): string {
  const value = Buffer.from(values[appears.value % values.length] ?? '', 'latin1');
  let text = ENCODERS[appears.encoder % ENCODERS.length]?.(value) ?? '';
  for (const [place, gap] of appears.gaps) {
    const at = place % (text.length + 1);
    text = text.slice(0, at) + gap + text.slice(at);
  }
  const dropped = (count: number): number => (count > 4 ? 0 : count);
  return text.slice(dropped(appears.dropsAtStart), text.length - dropped(appears.dropsAtEnd));
}

const numRuns = 10_000;
const MASK = /\[masked:N\d(?:,N\d)*\]/;

function run(woven: WovenStream, onCut: (stream: RedactionStream) => Uint8Array): string {
  const stream = compileRedactor(woven.values).stream();
  let output = '';
  let at = 0;
  for (const cut of [...woven.cuts, woven.input.length]) {
    output += toLatin1(stream.write(woven.input.subarray(at, cut))) + toLatin1(onCut(stream));
    at = cut;
  }
  return output + toLatin1(stream.flush());
}

const nothing = (): Uint8Array => new Uint8Array(0);
const release = (stream: RedactionStream): Uint8Array => stream.release();

describe('R-086 R-087 every stream', () => {
  it('R-086 R-087 masks what the naive definition masks, and only that, for every way to cut it', () => {
    fc.assert(
      fc.property(wovenStream, (woven) => {
        const expected = toLatin1(maskNaively(woven.values, woven.input));
        expect(run(woven, nothing)).toBe(expected);
        expect(run({ ...woven, cuts: [] }, nothing)).toBe(expected);
      }),
      { numRuns },
    );
  }, 0);

  it('R-086 lets no value pass, nor a long one without its first or last 3 bytes, also with idle releases', () => {
    fc.assert(
      fc.property(wovenStream, (woven) => {
        const left = run(woven, release).split(MASK);
        const { unmaskable } = compileRedactor(woven.values);
        for (const { name, value } of woven.values) {
          if (unmaskable.includes(name)) continue;
          const whole = toLatin1(Buffer.from(value));
          const telling = whole.length < 16 ? [whole] : [whole.slice(3), whole.slice(0, -3)];
          for (const part of telling) expect(left.some((text) => text.includes(part))).toBe(false);
        }
      }),
      { numRuns },
    );
  }, 0);

  it('leaves a text without values as it is, whatever its bytes and cuts, also with idle releases', () => {
    const value = { name: 'N0', value: 'a value that no such text has' };
    const bytes = fc.uint8Array({ maxLength: 600 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(600), { maxLength: 8 }), (input, places) => {
        const cuts = places.map((place) => Math.min(place, input.length)).sort((a, b) => a - b);
        expect(run({ values: [value], input, cuts }, nothing)).toBe(toLatin1(input));
        expect(run({ values: [value], input, cuts }, release)).toBe(toLatin1(input));
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
  }, 0);
});
