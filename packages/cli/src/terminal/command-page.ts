import type { Command, RunnableCommand } from '@coffer/contract';
import { describeChoices, renderOption, renderUsage } from './help.ts';
import { commonOptions } from './read-input.ts';

/** `docs/cli.md`: every command, from the same data as `--help`. */
export async function renderCommandPage(roots: readonly Command[]): Promise<string> {
  const listed = await listRunnable(roots, []);
  const sections = listed.map(({ path, command }) => renderSection(path, command));
  return `${[heading, ...sections].join('\n\n')}\n`;
}

const heading = `# Commands

Generated from the command table by \`npm run generate:cli\`. Results go to stdout, words to stderr; every command has
${commonOptions.map((option) => `\`${renderOption(option)}\` (${option.summary})`).join(' and ')}. Exit statuses are those of
[the errors](errors.md); a question that is answered with no ends a command with 1, Ctrl-C with 130.`;

interface Listed {
  readonly path: readonly string[];
  readonly command: RunnableCommand;
}

async function listRunnable(level: readonly Command[], above: readonly string[]): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const command of level) {
    const path = [...above, command.name];
    if ('load' in command) listed.push({ path, command });
    listed.push(...(await listRunnable((await command.commands?.()) ?? [], path)));
  }
  return listed;
}

function renderSection(path: readonly string[], command: RunnableCommand): string {
  const { summary, description, arguments: words = [], options = [], aliases = [], examples } = command;
  return [
    `## coffer ${path.join(' ')}`,
    `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`,
    ...(description === undefined ? [] : [escapeText(description)]),
    `\`\`\`\n${renderUsage(command, path)}\n\`\`\``,
    ...(aliases.length === 0 ? [] : [`Also: ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`]),
    ...(words.length + options.length === 0
      ? []
      : [
          [
            '| | |\n|---|---|',
            ...words.map((word) => `| \`${word.name}\` | ${escapeCell(describeChoices(word))} |`),
            ...options.map(
              (option) => `| \`${renderOption(option)}\` | ${escapeCell(describeChoices(option))} |`,
            ),
          ].join('\n'),
        ]),
    `\`\`\`\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

const escapeText = (text: string): string => text.replace(/[<*]/g, '\\$&');
const escapeCell = (text: string): string => escapeText(text).replaceAll('|', '\\|');
