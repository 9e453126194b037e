import type {
  CommandAction,
  CommandInput,
  CommandTerminal,
  RunnableCommand,
  SecretImported,
} from '@coffer/contract';
import { CofferError, errorTable, isErrorCode } from '@coffer/contract/errors';
import type { SecretImportOptions } from '@coffer/sdk';
import { dotenvReasons, parseDotenv, type Dotenv } from '@coffer/sdk/formats';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { environmentOption } from '../options.ts';
import { sayAdvice } from '../say-advice.ts';
import { findGitExposure } from './git-exposure.ts';
import { placeArguments, placeOptions, readEnvironment } from './options.ts';
import { readPlace } from './place.ts';
import { sayStale } from './say-written.ts';
import { readBytes } from './read-bytes.ts';

/** Above what the server takes in one request. */
const fileMaxBytes = 64 * 1024 * 1024;

const act: CommandAction = async (given, terminal) => {
  const place = readPlace(given, given.positionals[0]);
  const options = readOptions(given);
  const path = given.text('file');
  if (path === undefined) throw usageError('--file PATH is missing.', 'Name the file, as in --file .env.');
  const file = await readDotenv(path);
  sayWarnings(terminal, file, options.plainNames ?? []);
  if (path !== '-') await sayGitExposure(terminal, path);
  const imported = await sendEntries(file, options, async (entries) =>
    openClient(given, terminal).secrets.import(place.owner, entries, options),
  );
  return showImported(terminal, imported);
};

function readOptions(given: CommandInput): SecretImportOptions {
  const conflict = given.text('on-conflict');
  if (given.has('overwrite') && conflict !== undefined && conflict !== 'overwrite') {
    throw usageError('--overwrite and another --on-conflict exclude each other.');
  }
  const onConflict = given.has('overwrite') ? 'overwrite' : (conflict ?? 'skip');
  const plainNames = given
    .texts('plain-keys')
    .flatMap((list) => list.split(',').filter((name) => name !== ''));
  if (given.has('plain') && plainNames.length > 0) {
    throw usageError('--plain makes every key a variable; leave out --plain-keys.');
  }
  return {
    onConflict: onConflict as NonNullable<SecretImportOptions['onConflict']>,
    ...readEnvironment(given),
    ...(given.has('plain') ? { kind: 'plain' } : {}),
    ...(plainNames.length > 0 ? { plainNames } : {}),
    ...(given.has('dry-run') ? { dryRun: true } : {}),
  };
}

/** Parses the whole file before anything is written; a failure names the line, never its text (R-213). */
async function readDotenv(path: string): Promise<Dotenv> {
  const bytes = await readBytes(path, { option: 'file', maxBytes: fileMaxBytes });
  const parsed = parseDotenv(decode(bytes));
  if (parsed.ok) return parsed.value;
  const { line, reason } = parsed.error;
  throw new CofferError('file_invalid', {
    detail: `Line ${line}: ${dotenvReasons[reason]}.`,
    hint: 'Nothing was imported.',
  });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CofferError('file_invalid', {
      detail: 'The file is not UTF-8 text.',
      hint: 'Nothing was imported. Save the file as UTF-8.',
    });
  }
}

function sayWarnings(terminal: CommandTerminal, file: Dotenv, plainNames: readonly string[]): void {
  for (const { name, line, earlierLine } of file.warnings) {
    terminal.say(`warning: ${name} is in lines ${earlierLine} and ${line}; the last counts`);
  }
  const names = new Set([...file.entries.map(({ name }) => name), ...file.blanks]);
  for (const name of plainNames) {
    if (!names.has(name)) terminal.say(`warning: ${name} of --plain-keys is not in the file`);
  }
}

async function sayGitExposure(terminal: CommandTerminal, path: string): Promise<void> {
  const exposure = await findGitExposure(path);
  if (exposure === undefined) return;
  terminal.say(
    exposure === 'tracked'
      ? 'warning: git tracks the file; remove it from the repository and replace what it holds'
      : 'warning: git does not ignore the file; add it to .gitignore',
  );
}

/** Names without a value are reported as skipped and never sent. */
async function sendEntries(
  { entries, blanks }: Dotenv,
  { dryRun = false }: SecretImportOptions,
  send: (entries: { name: string; value: string }[]) => Promise<SecretImported>,
): Promise<SecretImported> {
  const imported: SecretImported =
    entries.length === 0
      ? { dryRun, results: [], counts: {}, stale: [], advice: [] }
      : await send(entries.map(({ name, value }) => ({ name, value })));
  if (blanks.length === 0) return imported;
  return {
    ...imported,
    results: [...imported.results, ...blanks.map((name) => ({ name, outcome: 'skipped_blank' as const }))],
    counts: { ...imported.counts, skipped_blank: (imported.counts['skipped_blank'] ?? 0) + blanks.length },
  };
}

const outcomeWords = {
  imported_secret: 'imported secret',
  imported_variable: 'imported variable',
  overwritten: 'overwritten',
  skipped_existing: 'skipped existing',
  skipped_blank: 'skipped blank',
  failed: 'failed',
} as const satisfies Record<SecretImported['results'][number]['outcome'], string>;

/** One line for each key, then the counts; the status says whether any failed (R-214). */
function showImported(terminal: CommandTerminal, imported: SecretImported): number {
  if (terminal.json) terminal.printJson(imported);
  else {
    for (const { name, outcome, detail, code } of imported.results) {
      const why = detail === undefined ? '' : `: ${detail}${code === undefined ? '' : ` (${code})`}`;
      terminal.print(`${name}: ${outcomeWords[outcome]}${why}`);
    }
    const counts = Object.entries(outcomeWords).flatMap(([outcome, words]) => {
      const count = imported.results.filter((result) => result.outcome === outcome).length;
      return count === 0 ? [] : [`${count} ${words}`];
    });
    terminal.print(counts.length === 0 ? 'The file has no keys.' : `${counts.join(', ')}.`);
    sayStale(terminal, imported.stale);
    if (imported.dryRun) terminal.say('Nothing was written (--dry-run).');
  }
  sayAdvice(terminal, imported.advice);
  const failed = imported.results.find(({ outcome }) => outcome === 'failed');
  if (failed === undefined) return 0;
  return failed.code !== undefined && isErrorCode(failed.code) ? errorTable[failed.code].exitCode : 1;
}

export const importSecrets: RunnableCommand = {
  name: 'import',
  summary: 'write the keys of a .env file, each as a sealed secret unless told otherwise',
  description:
    'A name that exists keeps its value and is reported, unless --on-conflict says otherwise. Values are not\n' +
    'expanded, and @ has no meaning here. A line that does not parse stops the import before any write.',
  arguments: placeArguments,
  options: [
    ...placeOptions,
    { name: 'file', short: 'f', value: 'PATH', summary: 'the file, - for stdin' },
    { ...environmentOption, summary: 'the environment the values are for; without it all of them (*)' },
    { name: 'plain', summary: 'make every key a variable' },
    { name: 'plain-keys', value: 'KEY,...', repeatable: true, summary: 'make these keys variables' },
    {
      name: 'on-conflict',
      value: 'HOW',
      choices: ['skip', 'overwrite', 'error'],
      summary: 'what becomes of a name that exists',
    },
    { name: 'overwrite', summary: 'the same as --on-conflict overwrite' },
    { name: 'dry-run', summary: 'show the report, write nothing' },
  ],
  examples: [
    'coffer secrets import support-bot --file .env',
    'coffer secrets import --file .env --plain-keys REGION,LOG_LEVEL --dry-run',
  ],
  load: () => Promise.resolve(act),
};
