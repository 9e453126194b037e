import type { RunnableCommand } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import { describe, expect, it } from 'vitest';
import { readInput } from './read-input.ts';

const command: RunnableCommand = {
  name: 'set',
  summary: 'set',
  arguments: [
    { name: 'KEY', summary: 'the name' },
    { name: 'VALUE', summary: 'the value', optional: true },
  ],
  options: [
    { name: 'value', value: 'TEXT', summary: 'the value' },
    { name: 'environment', aliases: ['env'], value: 'ENV', summary: 'the environment' },
    { name: 'description', short: 'd', value: 'TEXT', summary: 'what for' },
    { name: 'tag', value: 'TAG', repeatable: true, summary: 'tags' },
    { name: 'type', value: 'TYPE', choices: ['token', 'password'], summary: 'the type' },
    { name: 'plain', summary: 'as text' },
  ],
  examples: ['coffer set KEY'],
  load: () => Promise.reject(new Error('not loaded here')),
};
const passing: RunnableCommand = { ...command, arguments: [], passesOn: true };

describe('words read against a command', () => {
  it('options go by their main name, whatever alias or short form was typed', () => {
    const input = readInput(command, [
      'KEY',
      '--env',
      'staging',
      '-d',
      'charges cards',
      '--tag=a',
      '--tag',
      'b',
    ]);
    expect(input.positionals).toEqual(['KEY']);
    expect(input.text('environment')).toBe('staging');
    expect(input.text('description')).toBe('charges cards');
    expect(input.texts('tag')).toEqual(['a', 'b']);
    expect(input.has('plain')).toBe(false);
  });

  it('R-174 a value that starts with - works as --value=-x and after --', () => {
    expect(readInput(command, ['KEY', '--value=-x=1']).text('value')).toBe('-x=1');
    expect(readInput(command, ['KEY', '--', '-x']).positionals).toEqual(['KEY', '-x']);
    expect(readInput(command, ['KEY', '--value', '-']).text('value')).toBe('-');
  });

  it('an empty value is a value', () => {
    expect(readInput(command, ['KEY', '--value=']).text('value')).toBe('');
  });

  it.each([
    ['an unknown option', ['KEY', '--valeu=s3cret']],
    ['an unknown short option', ['KEY', '-s3cret']],
    ['too many words', ['KEY', 'VALUE', 's3cret']],
    ['an option without its value', ['KEY', '--value']],
    ['an option in place of a value', ['KEY', '--value', '--s3cret']],
    ['a switch with a value', ['KEY', '--plain=s3cret']],
    ['a value that is none of the choices', ['KEY', '--type', 's3cret']],
    ['an option given twice', ['KEY', '--value', 'a', '--value', 's3cret']],
    ['an option given twice by two names', ['KEY', '--env', 'a', '--environment', 's3cret']],
    ['a missing word', ['--value', 's3cret']],
  ])('R-171 %s is a usage error that does not repeat the words', (_, words) => {
    const failure = catchFailure(() => readInput(command, words));
    expect(failure).toBeInstanceOf(CofferError);
    expect(failure).toMatchObject({ code: 'usage_error' });
    expect(JSON.stringify([(failure as CofferError).message, (failure as CofferError).hint])).not.toContain(
      's3cret',
    );
  });

  it.each([
    [['KEY', '--valeu=s3cret'], 'The command has no option --valeu.'],
    [['KEY', '--no-such-option'], 'The command has no option --no-such-option.'],
    [['KEY', '-x'], 'The command has no option -x.'],
    [['KEY', '-xs3cret'], 'Word 2 after the command is an option that it does not have.'],
    [['KEY', '--s3cret=x'], 'Word 2 after the command is an option that it does not have.'],
    [['KEY', '-----BEGIN KEY-----'], 'Word 2 after the command is an option that it does not have.'],
  ])('R-171 an unknown option is named where it is written like a name: %j', (words, message) => {
    expect(catchFailure(() => readInput(command, words))).toMatchObject({ message });
  });

  it('words after -- belong to the other program, its options too', () => {
    const input = readInput(passing, ['--env', 'staging', '--', 'node', '--json', '--', '-x']);
    expect(input.text('environment')).toBe('staging');
    expect(input.has('json')).toBe(false);
    expect(input.passedOn).toEqual(['node', '--json', '--', '-x']);
  });

  it('without -- they begin with the first that is no option', () => {
    const input = readInput(passing, ['--env', 'staging', 'node', '--json']);
    expect(input.passedOn).toEqual(['node', '--json']);
    expect(input.has('json')).toBe(false);
  });
});

function catchFailure(run: () => unknown): unknown {
  try {
    run();
  } catch (failure) {
    return failure;
  }
  return undefined;
}
