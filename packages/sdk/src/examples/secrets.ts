import { readFile } from 'node:fs/promises';
import { CofferError, type Client } from '@coffer/sdk';
import { looksLikePlaceholder, parseDotenv } from '@coffer/sdk/formats';

export async function storeSecrets(client: Client, key: string, liveKey: string): Promise<void> {
  // #region store
  await client.secrets.set('support-bot', 'STRIPE_API_KEY', key);
  await client.secrets.set('support-bot', 'STRIPE_API_KEY', liveKey, { environment: 'production' });

  await client.secrets.set({ project: 'default' }, 'REGION', 'eu-central-1', { kind: 'plain' });
  await client.secrets.set({ organization: true }, 'smtp-password', key, { description: 'mail relay' });
  // #endregion
}

export async function readSecrets(client: Client): Promise<string[]> {
  // #region read
  const { values } = await client.secrets.get('support-bot', 'STRIPE_API_KEY');
  const lines = values.map(
    ({ environment, version, preview }) => `${environment} v${version} ${preview ?? ''}`,
  );

  for await (const secret of client.secrets.listAll('support-bot')) {
    lines.push(`${secret.name} was last written by ${secret.updatedBy}`);
  }
  // #endregion
  return lines;
}

export async function rotate(client: Client, newKey: string): Promise<string[]> {
  // #region rotate
  const secret = await client.secrets.get('support-bot', 'STRIPE_API_KEY');
  const current = secret.values.find(({ environment }) => environment === 'production');

  const written = await client.secrets.update(
    { id: secret.id },
    { environment: 'production', value: newKey },
    { expectVersion: current?.version ?? 0, idempotencyKey: 'rotation-2026-11' },
  );
  const holdingTheOldKey = written.stale.map(({ id }) => id);

  await client.secrets.rollback('support-bot', 'STRIPE_API_KEY', { environment: 'production', version: 1 });
  // #endregion
  return holdingTheOldKey;
}

export async function remove(client: Client): Promise<void> {
  // #region remove
  await client.secrets.delete('support-bot', 'STRIPE_API_KEY');
  await client.secrets.restore('support-bot', 'STRIPE_API_KEY');
  // #endregion
}

export async function importFile(client: Client, file: string): Promise<Readonly<Record<string, number>>> {
  // #region import
  const parsed = parseDotenv(await readFile(file, 'utf8'));
  if (!parsed.ok)
    throw new Error(`${file} does not parse: line ${parsed.error.line}, ${parsed.error.reason}`);

  const entries = parsed.value.entries
    .filter(({ value }) => !looksLikePlaceholder(value))
    .map(({ name, value }) => ({ name, value }));
  const report = await client.secrets.import('support-bot', entries, { onConflict: 'skip' });
  // #endregion
  return report.counts;
}

export async function explain(client: Client): Promise<string | undefined> {
  // #region errors
  try {
    await client.secrets.get('support-bot', 'NO_SUCH_KEY');
  } catch (error) {
    if (error instanceof CofferError && error.code === 'secret_not_found') return error.hint;
    throw error;
  }
  // #endregion
  return undefined;
}
