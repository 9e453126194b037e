import type { CommandAction, CommandTerminal, ReceivedRecord, SecretRecord } from '@coffer/contract';
import type { CommandInput, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { collect } from '../collect.ts';
import { environmentOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';
import { showValue } from './get.ts';
import { placeArguments, placeOptions } from './options.ts';
import { readPlace } from './place.ts';

type Columns<Item> = Readonly<Record<string, (item: Item) => string>>;

const act: CommandAction = async (given, terminal) => {
  const place = readPlace(given, given.positionals[0]);
  const client = openClient(given, terminal);
  if (given.has('all')) {
    if (!('agent' in place.owner)) throw usageError('--all is for an agent: everything it can receive.');
    const environment = given.text('environment');
    const { items } = await client.agents.received(place.owner.agent, environment ? { environment } : {});
    await showReceived(terminal, items, place.words);
    return undefined;
  }
  if (given.has('environment')) throw usageError('--env goes with --all.');
  const deleted = given.has('deleted');
  const items = await collect(client.secrets.listAll(place.owner, deleted ? { deleted } : {}));
  await showList(terminal, {
    items,
    columns: { ...columnsOf(given, 'agent' in place.owner), ...(items.some(lacksProduction) ? missing : {}) },
    empty: `No ${deleted ? 'deleted ' : ''}secrets in ${place.words}.`,
  });
  return undefined;
};

const lacksProduction = ({ advice }: SecretRecord): boolean =>
  advice.some(({ code }) => code === 'production_value_missing');

/** Only where something is missing. */
const missing: Columns<SecretRecord> = {
  MISSING: (secret) => (lacksProduction(secret) ? 'production' : ''),
};

/** Each list form has its own columns. */
function columnsOf(given: CommandInput, ofAgent: boolean): Columns<SecretRecord> {
  const base: Columns<SecretRecord> = ofAgent
    ? { KEY: ({ name }) => name, CREATED: ({ createdAt }) => showInstant(createdAt) }
    : {
        UPDATED: ({ updatedAt }) => showInstant(updatedAt),
        NAME: ({ name }) => name,
        TYPE: ({ type }) => type,
        STORAGE: ({ values }) => [...new Set(values.map(({ storage }) => storage))].join(', '),
      };
  return {
    ...base,
    ...(given.has('preview') ? { PREVIEW: showPreviews } : {}),
    ...(given.has('values') ? { VALUE: showTexts } : {}),
    ...(given.has('deleted') ? { 'RESTORABLE UNTIL': ({ restoreUntil }) => showInstant(restoreUntil) } : {}),
  };
}

/** One value stands alone; several are named by their environments. */
const perEnvironment = ({ values }: SecretRecord, show: (value: SecretRecord['values'][number]) => string) =>
  values.length === 1 && values[0] !== undefined
    ? show(values[0])
    : values.map((value) => `${value.environment}=${show(value)}`).join(' ');

export const showPreviews = (secret: SecretRecord): string =>
  perEnvironment(secret, ({ preview }) => preview ?? '-');

const showTexts = (secret: SecretRecord): string =>
  perEnvironment(secret, (value) => (secret.kind === 'plain' ? showValue(value) : '******'));

/** Everything an agent can receive, each with its source. */
export const showReceived = (
  terminal: CommandTerminal,
  items: readonly ReceivedRecord[],
  place: string,
): Promise<void> =>
  showList(terminal, {
    items,
    columns: {
      KEY: ({ name }) => name,
      SOURCE: ({ source }) => source,
      TYPE: ({ type }) => type,
      EXPOSURE: ({ exposure }) => exposure,
      ENVIRONMENT: ({ environment }) => environment ?? '-',
      VERSION: ({ version }) => (version === null ? '-' : String(version)),
      PREVIEW: ({ preview }) => preview ?? '-',
      UPDATED: ({ updatedAt }) => showInstant(updatedAt),
      PROBLEM: ({ problem }) => (problem === null ? '' : `${problem.detail} (${problem.code})`),
    },
    empty: `Nothing reaches ${place}.`,
  });

export const listSecrets: RunnableCommand = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list secrets: metadata, never a sealed value',
  arguments: placeArguments,
  options: [
    ...placeOptions,
    { name: 'preview', summary: 'add the masked preview' },
    { name: 'values', summary: 'add the text of variables; ****** for every secret' },
    { name: 'all', summary: 'everything the agent can receive, with its source' },
    { ...environmentOption, summary: 'with --all: the environment it would start in' },
    { name: 'deleted', summary: 'deleted secrets that can still be restored' },
  ],
  examples: [
    'coffer secrets list',
    'coffer secrets list support-bot --preview',
    'coffer secrets list support-bot --all --env production',
  ],
  load: () => Promise.resolve(act),
};
