import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLatin1 } from './latin1.ts';
import { maskNaively } from './naive-masking.ts';
import { compileRedactor, type NamedValue, type Redactor } from './redactor.ts';

const RUNS = Number(process.env['REDACT_RUNS'] ?? 10_000);

function mask(redactor: Redactor, input: Uint8Array, cuts: readonly number[] = []): string {
  const stream = redactor.stream();
  const places = [0, ...cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b), input.length];
  let output = '';
  for (const [index, place] of places.entries()) {
    output += toLatin1(stream.write(input.subarray(place, places[index + 1] ?? input.length)));
  }
  return output + toLatin1(stream.flush());
}

const byteOf = (alphabet: string): fc.Arbitrary<string> => fc.constantFrom(...alphabet.split(''));
const ALPHABETS = ['ab', 'abAB+/', 'ab\n ', 'ab\r\n\t \x1b[m3', 'a"\\\'/&< %', 'ab\0\xc3\xa9\xff'];

/** Values over a tiny alphabet, so that they overlap and contain each other, and text woven from their pieces. */
const woven = fc.constantFrom(...ALPHABETS).chain((alphabet) => {
  const piece = fc.string({ unit: byteOf(alphabet), minLength: 6, maxLength: 40 });
  const filler = fc.string({ unit: byteOf(alphabet + 'xyz'), maxLength: 120 });
  const gap = fc.constantFrom(
    '\n',
    '\r\n  ',
    '\x1b[0m',
    '\x1b[1;31m',
    '\x1b(B',
    '\x1b[',
    '\x1b',
    ' ',
    '\n' + ' '.repeat(130),
  );
  const act = fc.record({
    value: fc.nat(),
    form: fc.nat(),
    from: fc.nat(6),
    drop: fc.nat(6),
    gaps: fc.array(fc.tuple(fc.nat(), gap), { maxLength: 3 }),
    before: filler,
  });
  return fc.record({
    values: fc.array(piece, { minLength: 1, maxLength: 4 }),
    acts: fc.array(act, { maxLength: 5 }),
    tail: filler,
    cuts: fc.array(fc.nat(), { maxLength: 12 }),
  });
});

describe('a stream', () => {
  it('R-086 R-087 masks what the naive definition masks, and only that, for every way to cut it', () => {
    fc.assert(
      fc.property(woven, ({ values, acts, tail, cuts }) => {
        const named: NamedValue[] = values.map((value, index) => ({
          name: `N${index}`,
          value: latin1(value),
        }));
        const input = latin1(acts.map((act) => weave(act, values)).join('') + tail);
        const expected = toLatin1(maskNaively(named, input));
        const redactor = compileRedactor(named);
        expect(mask(redactor, input, cuts)).toBe(expected);
        expect(mask(redactor, input)).toBe(expected);
      }),
      { numRuns: RUNS },
    );
  }, 0);
});

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

interface Act {
  value: number;
  form: number;
  from: number;
  drop: number;
  gaps: [number, string][];
  before: string;
}

function weave(act: Act, values: readonly string[]): string {
  const value = values[act.value % values.length] ?? '';
  const forms = [
    value,
    Buffer.from(value, 'latin1').toString('base64'),
    Buffer.from(value, 'latin1').toString('hex'),
  ];
  let text = forms[act.form % forms.length] ?? '';
  for (const [place, gap] of act.gaps) {
    const at = place % (text.length + 1);
    text = text.slice(0, at) + gap + text.slice(at);
  }
  return act.before + text.slice(act.from > 3 ? 0 : act.from, text.length - (act.drop > 3 ? 0 : act.drop));
}
