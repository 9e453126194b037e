import { variableNamePattern } from '@coffer/contract';
import { describe, expect, it } from 'vitest';
import { dotenvReasons, parseDotenv, type Dotenv, type DotenvReason } from './dotenv.ts';

const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----';

function parse(text: string): Dotenv {
  const result = parseDotenv(text);
  if (!result.ok) throw new Error(`line ${result.error.line}: ${dotenvReasons[result.error.reason]}`);
  return result.value;
}

const valuesOf = (text: string) =>
  Object.fromEntries(parse(text).entries.map(({ name, value }) => [name, value]));

describe('what a line of a .env file means', () => {
  it.each<{ row: string; line: string; value: string }>([
    { row: 'R-206', line: 'K=value # a comment', value: 'value' },
    { row: 'R-206', line: 'K=value\t#a comment', value: 'value' },
    { row: 'R-206', line: 'K=a#b', value: 'a#b' },
    { row: 'R-206', line: 'K=#ff8800', value: '#ff8800' },
    { row: 'R-206', line: 'K=a#b # c # d', value: 'a#b' },
    { row: 'R-206', line: 'K="a # b"', value: 'a # b' },
    { row: 'R-206', line: "K='a # b' # c", value: 'a # b' },
    { row: 'R-207', line: 'K=a=b==', value: 'a=b==' },
    {
      row: 'R-207',
      line: 'K=postgres://u:p@ss@db:5432/x?ssl=1&y=2',
      value: 'postgres://u:p@ss@db:5432/x?ssl=1&y=2',
    },
    { row: 'R-207', line: 'K=\\@team', value: '\\@team' },
    { row: 'R-207', line: 'K=@NAME', value: '@NAME' },
    { row: 'R-207', line: 'K=a\\nb', value: 'a\\nb' },
    { row: 'R-208', line: 'K=\'a\\nb "c" \\\\\'', value: 'a\\nb "c" \\\\' },
    { row: 'R-208', line: 'K="a\\nb\\r\\t\\"c\\" \\\\"', value: 'a\nb\r\t"c" \\' },
    { row: 'R-208', line: 'K="\\\\n"', value: '\\n' },
    { row: 'R-208', line: 'K="\\d \\@ \\$"', value: '\\d \\@ \\$' },
    { row: 'R-208', line: 'K="it\'s"', value: "it's" },
    { row: 'R-208', line: 'K="  a  "', value: '  a  ' },
    { row: 'R-208', line: 'K=it"s', value: 'it"s' },
    { row: 'R-208', line: 'K=value"', value: 'value"' },
    { row: 'R-209', line: 'export K=value', value: 'value' },
    { row: 'R-209', line: '  export \t K = value \t', value: 'value' },
    { row: 'R-209', line: 'K = "value"  ', value: 'value' },
    { row: 'R-209', line: 'K=${HOME}/$USER', value: '${HOME}/$USER' },
    { row: 'R-209', line: 'K=two words', value: 'two words' },
    { row: 'R-209', line: '\uFEFFK=value', value: 'value' },
    { row: 'R-209', line: 'K=value\u00A0', value: 'value\u00A0' },
    { row: 'R-209', line: 'K=`a`', value: '`a`' },
  ])('$row $line', ({ line, value }) => {
    expect(valuesOf(line)).toEqual({ K: value });
  });

  it('R-206 comments, empty lines and a missing last line end change nothing', () => {
    expect(valuesOf('# A=1\n\n \t\n  # B=2\nC=3\n#D=4\nE=5')).toEqual({ C: '3', E: '5' });
    expect(valuesOf('')).toEqual({});
  });

  it.each([
    { quote: '"', ends: '\n' },
    { quote: "'", ends: '\n' },
    { quote: '"', ends: '\r\n' },
    { quote: "'", ends: '\r\n' },
  ])('R-208 R-209 a PEM key spans lines in $quote, whatever ends them', ({ quote, ends }) => {
    const text = `A=1\nPEM=${quote}${pem}${quote} # rotate yearly\nB=2\n`.replaceAll('\n', ends);
    expect(valuesOf(text)).toEqual({ A: '1', PEM: pem, B: '2' });
  });

  it('R-208 a PEM key written with \\n in double quotes is the same key', () => {
    expect(valuesOf(`PEM="${pem.replaceAll('\n', '\\n')}"`)).toEqual({ PEM: pem });
  });

  it('R-208 a line within quotes is never a comment or an entry of its own', () => {
    expect(valuesOf('A="one\n# two\nB=three"\nC=4')).toEqual({ A: 'one\n# two\nB=three', C: '4' });
  });

  it('R-210 a name without a value writes nothing and is told apart', () => {
    const { entries, blanks } = parse('A=\nB=""\nC=\'\'\nD=  # later\nE= \nF=" "');
    expect(blanks).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(entries).toEqual([{ name: 'F', value: ' ', line: 6 }]);
  });

  it('R-213 of a name that is there twice the last counts, with a warning', () => {
    const { entries, blanks, warnings } = parse('A=1\nB="x\ny"\nA=2\na=3\nB=\n__proto__=4');
    expect(entries).toEqual([
      { name: 'A', value: '2', line: 4 },
      { name: 'a', value: '3', line: 5 },
      { name: '__proto__', value: '4', line: 7 },
    ]);
    expect(blanks).toEqual(['B']);
    expect(warnings).toEqual([
      { name: 'A', line: 4, earlierLine: 1 },
      { name: 'B', line: 6, earlierLine: 2 },
    ]);
  });
});

describe('a line that does not parse', () => {
  it.each<{ text: string; line: number; reason: DotenvReason }>([
    { text: 'A=1\nsk_live_secret', line: 2, reason: 'no_equals_sign' },
    { text: 'export A', line: 1, reason: 'no_equals_sign' },
    { text: 'A=1\n\n=sk_live_secret', line: 3, reason: 'name_missing' },
    { text: 'my-key=sk_live_secret', line: 1, reason: 'name_invalid' },
    { text: '1A=sk_live_secret', line: 1, reason: 'name_invalid' },
    { text: 'A: sk_live_secret=', line: 1, reason: 'name_invalid' },
    { text: `${'A'.repeat(129)}=sk_live_secret`, line: 1, reason: 'name_invalid' },
    { text: '# c\nA="sk_live_secret\nB=2\n', line: 2, reason: 'quote_not_closed' },
    { text: "A='sk_live_secret", line: 1, reason: 'quote_not_closed' },
    { text: 'A="sk_live_secret\\"', line: 1, reason: 'quote_not_closed' },
    { text: 'A="one" sk_live_secret', line: 1, reason: 'text_after_quote' },
    { text: "A='it\\'s' sk_live_secret", line: 1, reason: 'text_after_quote' },
    { text: 'A="one"#sk_live_secret', line: 1, reason: 'text_after_quote' },
    { text: "A='x\nB='sk_live_secret'", line: 1, reason: 'text_after_quote' },
  ])('R-213 stops the file: $reason in line $line', ({ text, line, reason }) => {
    const result = parseDotenv(text);
    expect(result).toEqual({ ok: false, error: { line, reason } });
    expect(`${JSON.stringify(result)} ${dotenvReasons[reason]}`).not.toContain('sk_live');
  });
});

it('R-205 names follow the rule for environment variables of the contract', () => {
  for (const name of ['A', '_', 'a1', 'A-B', '1A', 'Ä', 'A'.repeat(128), 'A'.repeat(129), 'A.B', 'A B']) {
    expect(parseDotenv(`${name}=1`).ok, name).toBe(variableNamePattern.test(name));
  }
});

it('a long file of quotes, blanks and backslashes takes time in proportion to its length', () => {
  const hostile = [
    `A="${'\\'.repeat(2 ** 20)}`,
    `A=${' '.repeat(2 ** 20)}x${' '.repeat(2 ** 20)}y`,
    `A="x"${' '.repeat(2 ** 20)}y`,
    `A=${' #'.repeat(2 ** 20)}`,
    'A="x"\n'.repeat(2 ** 16),
  ];
  const startedAt = performance.now();
  for (const text of hostile) parseDotenv(text);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
