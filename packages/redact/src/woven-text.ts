import fc from 'fast-check';
import { fromLatin1 } from './latin1.ts';
import type { NamedValue } from './redactor.ts';

// Made-up streams for the tests: values over a tiny alphabet, so that they overlap and contain each other, and
// texts woven from their pieces, encoded, cut short and interrupted.

export interface WovenStream {
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
  '\x1b[',
  '\x1b',
  ' ',
  '\n' + ' '.repeat(130),
];
const ENCODERS: ((value: Buffer) => string)[] = [
  (value) => value.toString('latin1'),
  (value) => value.toString('latin1'),
  (value) => value.toString('base64'),
  (value) => Buffer.concat([Buffer.from('x'), value]).toString('base64url'),
  (value) => value.toString('hex'),
  (value) => value.toString('hex').replace(/../g, '%$&'),
];

const appearance = fc.record({
  value: fc.nat(),
  encoder: fc.nat(),
  dropsAtStart: fc.nat(8),
  dropsAtEnd: fc.nat(8),
  gaps: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...GAPS)), { maxLength: 3 }),
});
type Appearance = typeof appearance extends fc.Arbitrary<infer T> ? T : never;

export const wovenStream: fc.Arbitrary<WovenStream> = fc.constantFrom(...ALPHABETS).chain((alphabet) => {
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
