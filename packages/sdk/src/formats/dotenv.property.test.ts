import { parse as parseWithDotenv } from 'dotenv';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDotenv } from './dotenv.ts';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,15}$/);
const blank = fc.constantFrom('', ' ', '  ', '\t');
const lineEnd = fc.constantFrom('\n', '\r\n');

function parsedByUs(text: string): Record<string, string> {
  const result = parseDotenv(text);
  if (!result.ok) throw new Error(result.error.reason);
  const { entries, blanks } = result.value;
  return Object.fromEntries([
    ...blanks.map((each) => [each, ''] as const),
    ...entries.map((entry) => [entry.name, entry.value] as const),
  ]);
}

/** Values that the npm package dotenv and the requirements read alike, as written in a file. */
const sharedValue = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_:/@=.,;+%&?!*()[\]{}|~^<>-]{0,40}$/),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ]{0,30}[A-Za-z0-9]$/),
  fc.stringMatching(/^[A-Za-z0-9 #=:@"`\n]{0,40}$/).map((text) => `'${text}'`),
  fc.stringMatching(/^([A-Za-z0-9 #=:@'`\n]|\\n|\\r){0,40}$/).map((text) => `"${text}"`),
);

const sharedLine = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom('', 'export '), name, blank, blank, sharedValue, blank) },
  { weight: 1, arbitrary: fc.stringMatching(/^#[A-Za-z0-9 =]{0,20}$/).map((text) => [text]) },
  { weight: 1, arbitrary: blank.map((text) => [text]) },
);

it('R-205 to R-209 reads a file as the npm package dotenv does, where both define a meaning', () => {
  const file = fc.tuple(fc.array(sharedLine, { maxLength: 12 }), lineEnd);
  fc.assert(
    fc.property(file, ([lines, end]) => {
      const text = lines
        .map((parts) =>
          parts.length === 1 ? parts[0] : `${parts[0]}${parts[1]}${parts[2]}=${parts.slice(3).join('')}`,
        )
        .join('\n')
        .replaceAll('\n', end);
      expect(parsedByUs(text)).toEqual({ ...parseWithDotenv(text) });
    }),
    { numRuns: 10_000 },
  );
});

const unquotable = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\r'));

it('R-208 every text comes back from single quotes as it went in, unless it has one itself', () => {
  fc.assert(
    fc.property(name, unquotable, (key, value) => {
      fc.pre(!value.includes("'"));
      expect(parsedByUs(`${key}='${value}'`)).toEqual({ [key]: value });
    }),
  );
});

it('R-208 every text comes back from double quotes once escaped', () => {
  const escape = (text: string) =>
    text
      .replaceAll('\\', '\\\\')
      .replaceAll('"', '\\"')
      .replaceAll('\n', '\\n')
      .replaceAll('\r', '\\r')
      .replaceAll('\t', '\\t');
  fc.assert(
    fc.property(name, fc.string({ unit: 'binary', maxLength: 60 }), (key, value) => {
      expect(parsedByUs(`${key}="${escape(value)}"`)).toEqual({ [key]: value });
    }),
  );
});

it('R-213 any text at all gives entries or a line and a reason, and the reason quotes nothing', () => {
  const hostile = fc.stringMatching(/^[A\\"'=# \t\r\n\uFEFFé]{0,60}$/);
  fc.assert(
    fc.property(hostile, (text) => {
      const result = parseDotenv(text);
      if (result.ok) return;
      expect(Object.keys(result.error)).toEqual(['line', 'reason']);
      expect(result.error.line).toBeLessThanOrEqual(text.split(/\r\n|\n|\r/).length);
    }),
    { numRuns: 5000 },
  );
});
