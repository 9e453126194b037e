import type { CommandInput, RunnableCommand } from '@coffer/contract';
import { CofferError, type ErrorItem } from '@coffer/contract/errors';
import { renderForm } from './help.ts';

/** Fields of requests whose options are named otherwise. */
const optionOfField: Readonly<Record<string, string>> = {
  allowedHosts: 'allow-host',
  tags: 'tag',
  expiresAt: 'expires',
  expiresInDays: 'expires',
  rotateEveryDays: 'rotate-every',
  credentialType: 'type',
  rights: 'right',
  environments: 'environment',
  managers: 'manager',
};

interface CommandLine {
  readonly command: RunnableCommand;
  readonly path: readonly string[];
  readonly input: CommandInput;
}

/** A `request_invalid` of the server, with the words and options of the command in place of fields of a request. */
export function inCommandWords(failure: CofferError, { command, path, input }: CommandLine): CofferError {
  const errors = failure.errors.map((item) => inWords(command, item));
  if (!errors.some((item, index) => item !== failure.errors[index])) return failure;
  const slug = (command.arguments ?? []).findIndex(({ name }) => name === 'SLUG');
  const isSlugWrong = errors.some((item) => item.path === 'SLUG');
  const nearest = isSlugWrong ? nearestSlug(input.positionals[slug] ?? '') : undefined;
  return new CofferError(
    failure.code,
    {
      detail: 'What was given is not in the form that it needs.',
      hint: nearest === undefined ? renderForm(command, path) : `The nearest valid slug is ${nearest}.`,
      errors,
    },
    failure.requestId === undefined ? {} : { requestId: failure.requestId },
  );
}

function inWords({ arguments: words = [], options = [] }: RunnableCommand, item: ErrorItem): ErrorItem {
  const [, field] = /^(?:body|query)\.([A-Za-z]+)/.exec(item.path ?? '') ?? [];
  if (field === undefined) return item;
  const word = words.find(({ name }) => name.toLowerCase() === field.toLowerCase());
  if (word !== undefined) return { ...item, path: word.name };
  const option = options.find(({ name }) => name === (optionOfField[field] ?? field));
  return option === undefined ? item : { ...item, path: `--${option.name}` };
}

/** As the nearest name of a secret, for slugs; undefined where nothing of it can be kept. */
function nearestSlug(typed: string): string | undefined {
  const kept = typed
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-|-$/g, '');
  return kept === '' ? undefined : kept;
}
