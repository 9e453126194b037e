import type { Command, CommandOption, Completable, RunnableCommand } from '@coffer/contract';
import { readClientOptions } from '../connection/client-options.ts';
import { isNamed } from './find-command.ts';
import { commonOptions } from './read-input.ts';

/** What is known of the command line up to the cursor. */
interface Typed {
  /** The words after the command, without the last. */
  readonly before: readonly string[];
  /** The word at the cursor, possibly empty. */
  readonly current: string;
}

/**
 * Candidates for the last of the words, for the scripts of `coffer completion`. Names come from the
 * server as the caller may see them; no value is ever asked for, and any failure is an empty answer.
 */
export async function completeWords(roots: readonly Command[], words: readonly string[]): Promise<string[]> {
  const current = words.at(-1) ?? '';
  let level = roots;
  let command: Command | undefined;
  let before = words.slice(0, -1);
  for (const word of words.slice(0, -1)) {
    const next = level.find((candidate) => isNamed(candidate, word));
    if (next === undefined) break;
    command = next;
    before = before.slice(1);
    level = (await next.commands?.()) ?? [];
  }
  const below = before.length === 0 ? level.map(({ name }) => name) : [];
  const own =
    command !== undefined && 'load' in command ? await completeCommand(command, { before, current }) : [];
  return [...below, ...own].filter((candidate) => candidate.startsWith(current));
}

async function completeCommand(command: RunnableCommand, typed: Typed): Promise<string[]> {
  const { before, current } = typed;
  if (before.includes('--')) return [];
  const options = [...(command.options ?? []), ...commonOptions];
  const waiting = findOption(options, before.at(-1));
  if (waiting?.value !== undefined) return await listCandidates(waiting, options, before);
  if (current.startsWith('-'))
    return options.flatMap(({ name, aliases = [] }) => [name, ...aliases].map(dash));
  const place = countPositionals(options, before);
  const declared = command.arguments ?? [];
  const candidates = await Promise.all(
    argumentsAt(declared, place).map((argument) => listCandidates(argument, options, before)),
  );
  return candidates.flat();
}

const dash = (name: string): string => `--${name}`;

/** Where the first word may be left out, as in `[agent] NAME`, each place may be of either kind. */
function argumentsAt(declared: RunnableCommand['arguments'] & {}, place: number) {
  const argument = declared[place];
  const shifted = declared[0]?.optional ? declared[place + 1] : undefined;
  return [argument, shifted].filter((known) => known !== undefined);
}

const findOption = (
  options: readonly CommandOption[],
  word: string | undefined,
): CommandOption | undefined =>
  word === undefined || !word.startsWith('-')
    ? undefined
    : options.find(
        ({ name, aliases = [], short }) =>
          [name, ...aliases].map(dash).includes(word) || word === `-${short ?? '-'}`,
      );

function countPositionals(options: readonly CommandOption[], before: readonly string[]): number {
  let count = 0;
  let isValue = false;
  for (const word of before) {
    if (!isValue && !word.startsWith('-')) count += 1;
    isValue = !isValue && findOption(options, word)?.value !== undefined;
  }
  return count;
}

async function listCandidates(
  { choices, completes }: { choices?: readonly string[]; completes?: Completable },
  options: readonly CommandOption[],
  before: readonly string[],
): Promise<string[]> {
  if (choices !== undefined) return [...choices];
  if (completes === undefined) return [];
  const given = (name: string): string | undefined => {
    const at = before.findIndex((word) => findOption(options, word)?.name === name);
    return at === -1 ? undefined : before[at + 1];
  };
  try {
    if (completes === 'right' || completes === 'policy_switch' || completes === 'policy_value') {
      return [...(await import('./contract-words.ts')).contractWords(completes, before)];
    }
    return await askForNames(completes, given, before);
  } catch {
    return [];
  }
}

/** One page of names is more than a person reads. */
async function askForNames(
  what: Exclude<Completable, 'right' | 'policy_switch' | 'policy_value'>,
  given: (option: string) => string | undefined,
  before: readonly string[],
): Promise<string[]> {
  const { createClient } = await import('@coffer/sdk');
  const options = readClientOptions({ text: given }, { environment: process.env });
  const client = createClient({ ...options, timeoutSeconds: 2 });
  const query = { limit: 1000 };
  switch (what) {
    case 'agent':
      return (await client.agents.list(query)).items.map(({ slug }) => slug);
    case 'project':
      return (await client.projects.list(query)).items.map(({ slug }) => slug);
    case 'environment':
      return (await client.environments.list(query)).items.map(({ slug }) => slug);
    case 'member':
      return (await client.members.list(query)).items.map(({ email }) => email);
    case 'organization':
      return (await client.organizations.list(query)).items.map(({ slug }) => slug);
    case 'received': {
      const agent = given('agent');
      const environment = given('environment');
      if (agent === undefined) return [];
      const { items } = await client.agents.received(agent, environment === undefined ? {} : { environment });
      return items.filter(({ secretId }) => secretId !== null).map(({ name }) => name);
    }
    case 'secret': {
      const agent = given('agent') ?? before.find((word) => !word.startsWith('-'));
      const project = given('project');
      const owner =
        project !== undefined
          ? { project }
          : agent !== undefined
            ? { agent }
            : { organization: true as const };
      return (await client.secrets.list(owner, query)).items.map(({ name }) => name);
    }
  }
}
