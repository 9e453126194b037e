import type {
  CommandAction,
  CommandTerminal,
  RunnableCommand,
  SecretRecord,
  ValueRecord,
  VersionRecord,
} from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import type { Client } from '@coffer/sdk';
import { showInstant } from '../read-option.ts';
import { sayAdvice } from '../say-advice.ts';
import { targetArguments, targetOptions } from './options.ts';
import { showVersions } from './show-versions.ts';
import { onSecret, readTarget, type Target } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  await describeSecret(openClient(given, terminal), target, terminal);
};

/** All metadata, previews and versions; never a sealed value. */
export async function describeSecret(
  client: Client,
  target: Target,
  terminal: CommandTerminal,
): Promise<undefined> {
  const secret = await onSecret(client, target, (secret) => client.secrets.get(secret));
  const { items: versions } = await client.secrets.versions({ id: secret.id });
  if (terminal.json) {
    terminal.printJson({ ...secret, versions });
    return;
  }
  await printSecret(terminal, secret, versions);
}

async function printSecret(
  terminal: CommandTerminal,
  secret: SecretRecord,
  versions: readonly VersionRecord[],
): Promise<void> {
  const lines = Object.entries(metadataOf(secret)).filter(([, text]) => text !== '');
  const width = Math.max(...lines.map(([title]) => title.length));
  // One line each: a description may hold line breaks that would pass for further metadata.
  for (const [title, text] of lines) {
    terminal.print(`${title.padEnd(width)}  ${text.replaceAll('\n', '\n'.padEnd(width + 3))}`);
  }
  terminal.print('');
  await terminal.printTable(
    ['ENVIRONMENT', 'VERSION', 'STORAGE', secret.kind === 'plain' ? 'VALUE' : 'PREVIEW', 'UPDATED', 'BY'],
    secret.values.map((value) => [
      value.environment,
      String(value.version),
      value.storage,
      showValue(value),
      showInstant(value.updatedAt),
      value.updatedBy,
    ]),
  );
  terminal.print('');
  await showVersions(terminal, versions);
  sayAdvice(terminal, secret.advice);
}

/** The text of a variable, the preview of a secret. */
export const showValue = ({ value, preview }: ValueRecord): string => value ?? preview ?? '';

function metadataOf(secret: SecretRecord): Readonly<Record<string, string>> {
  const owner = secret.agent ?? secret.project;
  return {
    Name: secret.name,
    Id: secret.id,
    Type: secret.type,
    Scope: owner === null ? secret.scope : `${secret.scope} ${owner}`,
    Exposure: secret.exposure,
    'Allowed hosts': secret.allowedHosts.join(', '),
    Description: secret.description,
    'Credential type': secret.credentialType ?? '',
    Expires: secret.expiresAt === null ? '' : showInstant(secret.expiresAt),
    'Rotate every': secret.rotateEveryDays === null ? '' : `${secret.rotateEveryDays} days`,
    Tags: secret.tags.join(', '),
    'Never reveal': secret.neverReveal ? 'yes' : '',
    Created: `${showInstant(secret.createdAt)} by ${secret.createdBy}`,
    Updated: `${showInstant(secret.updatedAt)} by ${secret.updatedBy}`,
    'Last used': showInstant(secret.lastUsedAt),
    Deleted: secret.deletedAt === null ? '' : showInstant(secret.deletedAt),
    'Restorable until': secret.restoreUntil === null ? '' : showInstant(secret.restoreUntil),
  };
}

export const getSecret: RunnableCommand = {
  name: 'get',
  aliases: ['describe'],
  summary: 'show all metadata of a secret: previews and versions, never a sealed value',
  arguments: targetArguments,
  options: targetOptions,
  examples: [
    'coffer secrets get STRIPE_API_KEY',
    'coffer secrets get support-bot STRIPE_API_KEY --json',
    'coffer secrets get --id sec_01JD0000000000000000000000',
  ],
  load: () => Promise.resolve(act),
};
