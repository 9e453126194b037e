import { toLatin1 } from '../src/latin1.ts';
import { maskNaively } from '../src/naive-masking.ts';
import { isMaskable } from '../src/patterns.ts';
import { compileRedactor, type NamedValue } from '../src/redactor.ts';

const GAPS = [
  '\n',
  '\r\n  ',
  '\x1b[0m',
  '\x1b[1;31m',
  '\x1b(B',
  '\x1b[',
  '\x1b',
  '\n' + ' '.repeat(130),
  '\n\0',
  '\0\n\0 ',
  '\x1b\0[\x003\x001\0m\0',
  '\x1b\0(\0B',
];
const ENCODERS: ((value: Buffer) => string)[] = [
  (value) => value.toString('latin1'),
  (value) => value.toString('base64'),
  (value) => value.toString('base64url'),
  (value) => value.toString('hex'),
  (value) => value.toString('hex').replace(/../g, '%$&'),
  (value) => value.toString('latin1').split('').join('\0'),
];
const MASK = /\[masked:N\d(?:,N\d)*\]/;

/** What a fuzzer's input stands for: values, a text, and where the text is cut and the stream stands idle. */
interface FuzzCase {
  values: NamedValue[];
  input: Buffer;
  chunkLengths: number[];
}

/**
 * Reads bytes as a case. The first bytes give the values and how the stream is cut; each later byte is text, or
 * (0xf0 and up) an act: a value in some encoding, cut short somewhere, or an interruption, or a run of text.
 */
export function readFuzzCase(bytes: Uint8Array): FuzzCase {
  let at = 0;
  const next = (): number => bytes[at++] ?? 0;
  const values = Array.from({ length: 1 + (next() % 4) }, (_, index) => {
    const length = 6 + (next() % 30);
    const value = Buffer.from(Array.from({ length }, next));
    return { name: `N${index}`, value };
  });
  const chunkLengths = Array.from({ length: next() % 8 }, () => next() % 80);
  const text: string[] = [];
  while (at < bytes.length && text.length < 400) {
    const byte = next();
    if (byte < 0xf0) text.push(String.fromCharCode(byte));
    else if (byte < 0xf8) text.push(writeValue(values, next));
    else if (byte < 0xfe) text.push(GAPS[next() % GAPS.length] ?? '');
    else text.push('lorem ipsum '.repeat(next() % 30));
  }
  return { values, input: Buffer.from(text.join(''), 'latin1'), chunkLengths };
}

function writeValue(values: readonly NamedValue[], next: () => number): string {
  const value = Buffer.from(values[next() % values.length]?.value ?? '');
  const encoded = ENCODERS[next() % ENCODERS.length]?.(value) ?? '';
  const from = next() % 16;
  const to = next() % 64;
  const written = encoded.slice(from < 8 ? 0 : from - 8, to < 32 ? undefined : to);
  const gap = GAPS[next() % (GAPS.length * 2)] ?? '';
  const place = next() % (written.length + 1);
  return written.slice(0, place) + gap + written.slice(place);
}

/** Says what is wrong with the redactor's answer to the case, or nothing. */
export function checkFuzzCase(given: FuzzCase): string | undefined {
  const redactor = compileRedactor(given.values);
  const expected = toLatin1(maskNaively(given.values, given.input));
  const stream = redactor.stream();
  const idle = redactor.stream();
  let output = '';
  let idleOutput = '';
  let at = 0;
  for (const length of [...given.chunkLengths, given.input.length]) {
    const chunk = given.input.subarray(at, at + length);
    output += toLatin1(stream.write(chunk));
    idleOutput += toLatin1(idle.write(chunk)) + toLatin1(idle.release());
    at += length;
  }
  output += toLatin1(stream.flush());
  idleOutput += toLatin1(idle.flush());
  if (output !== expected) return 'the output differs from the naive definition';
  return findPassed(given.values, idleOutput.split(MASK));
}

function findPassed(values: readonly NamedValue[], left: readonly string[]): string | undefined {
  for (const { name, value } of values) {
    const whole = toLatin1(Buffer.from(value));
    if (!isMaskable(Buffer.from(value))) continue;
    const telling = whole.length < 16 ? [whole] : [whole.slice(3), whole.slice(0, -3)];
    if (telling.some((part) => left.some((text) => text.includes(part)))) return `${name} passes`;
  }
  return undefined;
}
