import { compileRedactor } from '@coffer/redact';
import { makeValues } from './log-text.ts';

export interface NearMatch {
  text: string;
  megabytesPerSecond: number;
  /** The time for a text four times as long, divided by four times the time for the short one. */
  growth: number;
}

/** Texts made to slow a search down: beginnings of values over and over, in this process. */
export function measureNearMatches(): NearMatch[] {
  const values = makeValues(50);
  const first = values[0]?.value ?? '';
  const runs = [...values, { name: 'RUN', value: 'a'.repeat(2_000) + 'b' }];
  const texts: [string, string][] = [
    ['a value without its last 4 bytes, over and over', first.slice(0, -4)],
    ['a value without its last 4 bytes, a line each', first.slice(0, -4) + '\n'],
    ["one value's 2,000 equal bytes, without its last", 'a'.repeat(1_000)],
    ['3 bytes of a value and a colour, over and over', first.slice(0, 3) + '\x1b[31m'],
    ['hexadecimal of a value without its last 4 bytes', Buffer.from(first.slice(0, -4)).toString('hex')],
  ];
  return texts.map(([text, piece]) => {
    const short = Buffer.from(piece.repeat(Math.ceil(4e6 / piece.length)));
    const long = Buffer.concat([short, short, short, short]);
    const redactor = compileRedactor(runs);
    const time = (bytes: Buffer): number => {
      const started = performance.now();
      const stream = redactor.stream();
      for (let at = 0; at < bytes.length; at += 1 << 16) stream.write(bytes.subarray(at, at + (1 << 16)));
      stream.flush();
      return performance.now() - started;
    };
    time(short);
    const shortTime = Math.min(time(short), time(short));
    const longTime = time(long);
    return { text, megabytesPerSecond: long.length / longTime / 1e3, growth: longTime / (4 * shortTime) };
  });
}
