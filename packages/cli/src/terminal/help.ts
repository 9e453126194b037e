import type { Command, CommandArgument, CommandOption, RunnableCommand } from '@coffer/contract';
import { commonOptions } from './read-input.ts';

/** The page of a command: usage, what it does, its words and options, the commands below it, examples. */
export async function renderHelp(command: Command, path: readonly string[]): Promise<string> {
  const below = (await command.commands?.()) ?? [];
  const sections = [
    'load' in command ? renderUsage(command, path) : `coffer ${path.join(' ')} <command>`,
    `${command.summary}.`,
    ...('load' in command ? renderWords(command) : []),
    ...(below.length === 0 ? [] : [renderCommands(below)]),
    ...('load' in command
      ? [`Examples:\n${indent(command.examples)}`]
      : [...renderExamplesOf(below), `\`coffer ${path.join(' ')} <command> --help\` says more.`]),
  ];
  return sections.join('\n\n');
}

/** A noun has no examples of its own: the first of the commands below it. */
function renderExamplesOf(below: readonly Command[]): string[] {
  const examples = below.flatMap((command) => ('load' in command ? command.examples.slice(0, 1) : []));
  return examples.length === 0 ? [] : [`Examples:\n${indent(examples.slice(0, 3))}`];
}

/** What `coffer` alone says. */
export function renderOverview(roots: readonly Command[]): string {
  return [
    'coffer <command>',
    'Keeps the credentials of AI agents.',
    renderCommands(roots),
    'Options:\n  --version, -V  show the version\n  --help, -h     show this page',
    'Environment:\n' +
      columns([
        ['COFFER_URL', 'where the server answers (http://127.0.0.1:7373)'],
        ['COFFER_API_KEY', 'an API key, instead of the stored login'],
        ['COFFER_ORG', 'the organization, where a login has several'],
        ['COFFER_DEBUG', 'say where an unexpected failure came from'],
      ]),
    'Examples:\n' +
      indent([
        'coffer login --local',
        'coffer agent create support-bot',
        'coffer secrets set support-bot STRIPE_API_KEY',
        'coffer run --agent support-bot -- node agent.js',
      ]),
    '`coffer <command> --help` says more.',
  ].join('\n\n');
}

export const renderUsage = (command: RunnableCommand, path: readonly string[]): string =>
  [
    'coffer',
    ...path,
    ...(command.arguments ?? []).map(renderArgument),
    '[options]',
    ...(command.passesOn ? ['--', 'COMMAND...'] : []),
  ].join(' ');

/** The usage line and an example, for who got it wrong. */
export const renderForm = (command: RunnableCommand, path: readonly string[]): string =>
  `${renderUsage(command, path)}, as in: ${command.examples[0]}`;

const renderArgument = ({ name, optional, repeatable }: CommandArgument): string => {
  const word = repeatable ? `${name}...` : name;
  return optional ? `[${word}]` : word;
};

export function renderOption({ name, aliases = [], short, value }: CommandOption): string {
  const names = [name, ...aliases].map((word) => `--${word}`);
  return [...names, ...(short === undefined ? [] : [`-${short}`])].join(', ') + (value ? ` ${value}` : '');
}

function renderWords({ description, arguments: words = [], options = [] }: RunnableCommand): string[] {
  return [
    ...(description === undefined ? [] : [description]),
    ...(words.length === 0
      ? []
      : [`Words:\n${columns(words.map((word) => [word.name, describeChoices(word)]))}`]),
    `Options:\n${columns([...options, ...commonOptions].map((option) => [renderOption(option), describeChoices(option)]))}`,
  ];
}

export const describeChoices = ({ summary, choices }: CommandOption | CommandArgument): string =>
  choices === undefined ? summary : `${summary} (${choices.join(', ')})`;

const renderCommands = (commands: readonly Command[]): string =>
  `Commands:\n${columns(commands.map(({ name, summary }) => [name, summary]))}`;

const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n');

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return indent(rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`));
}
