import type {
  AuditEventRecord,
  AuditQuery,
  CommandAction,
  CommandInput,
  RunnableCommand,
} from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { agentOption, environmentOption, organizationOption } from '../options.ts';
import { readInstant, readWholeNumber, showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';
import { take } from '../take.ts';
import { csvHeader, csvLine } from './csv.ts';

const act: CommandAction = async (given, terminal) => {
  if (given.has('csv') && terminal.json) throw usageError('--csv and --json exclude each other.');
  if (given.has('all') && given.has('limit')) throw usageError('--all and --limit exclude each other.');
  const limit = given.has('all') ? Infinity : readWholeNumber('limit', given.text('limit') ?? '100', 1);
  const client = openClient(given, terminal);
  const events = client.audit.listAll({ ...readQuery(given), limit: Math.min(limit, 1000) });
  if (given.has('csv')) {
    let count = 0;
    terminal.print(csvHeader);
    for await (const event of events) {
      if (count === limit) break;
      terminal.print(csvLine(event));
      count += 1;
    }
    return undefined;
  }
  const { items, more } = await take(events, limit);
  await showList(terminal, { items, columns, empty: 'No audit events that match.' });
  if (more) terminal.say(`There are more; --limit or --all shows more than ${limit}.`);
  return undefined;
};

const columns = {
  AT: ({ at }: AuditEventRecord) => showInstant(at),
  ACTION: ({ action }: AuditEventRecord) => action,
  OUTCOME: ({ outcome, code }: AuditEventRecord) => (code === null ? outcome : `${outcome} (${code})`),
  ACTOR: ({ actor }: AuditEventRecord) => actor.name,
  SECRET: ({ secret, secrets }: AuditEventRecord) => secret ?? secrets.map(({ name }) => name).join(', '),
  OF: ({ agent, project }: AuditEventRecord) => agent ?? project ?? '',
  ENVIRONMENT: ({ environment }: AuditEventRecord) => environment ?? '',
  VERSION: ({ version }: AuditEventRecord) => (version === null ? '' : String(version)),
};

const textOptions = ['secret', 'actor', 'agent', 'environment', 'action'] as const;

function readQuery(given: CommandInput): AuditQuery {
  const query: AuditQuery = {};
  for (const option of textOptions) {
    const text = given.text(option);
    if (text !== undefined) query[option] = text;
  }
  for (const option of ['since', 'until'] as const) {
    const text = given.text(option);
    if (text !== undefined)
      query[option] = readInstant(option, text, { now: Date.now(), spansGo: 'backward' });
  }
  const outcome = given.text('outcome');
  if (outcome !== undefined) query.outcome = outcome as NonNullable<AuditQuery['outcome']>;
  if (given.has('oldest-first')) query.order = 'oldest';
  return query;
}

export const listAudit: RunnableCommand = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list audit events, newest first; never a value',
  options: [
    {
      name: 'secret',
      value: 'SECRET',
      completes: 'secret',
      summary: 'only about this secret, by name or id',
    },
    { name: 'actor', value: 'ACTOR', summary: 'only by this person or key' },
    agentOption,
    environmentOption,
    { name: 'action', value: 'ACTION', summary: 'only this action, as in secret.create or secret.rotate' },
    {
      name: 'outcome',
      value: 'OUTCOME',
      choices: ['done', 'refused', 'failed'],
      summary: 'only with this outcome',
    },
    { name: 'since', value: 'WHEN', summary: 'from this time on: a date, or 7d ago' },
    { name: 'until', value: 'WHEN', summary: 'up to this time' },
    { name: 'oldest-first', summary: 'oldest first' },
    { name: 'limit', value: 'N', summary: 'how many at most (100)' },
    { name: 'all', summary: 'all of them' },
    { name: 'csv', summary: 'print as CSV' },
    organizationOption,
  ],
  examples: [
    'coffer audit list --agent support-bot --since 7d',
    'coffer audit list --all --csv > audit.csv',
    'coffer audit list --outcome refused --json',
  ],
  load: () => Promise.resolve(act),
};
