import type { AuditEventRecord } from '@coffer/contract';

const cells: Readonly<Record<string, (event: AuditEventRecord) => string | number | null>> = {
  sequence: ({ sequence }) => sequence,
  id: ({ id }) => id,
  at: ({ at }) => at,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  code: ({ code }) => code,
  actorType: ({ actor }) => actor.type,
  actorId: ({ actor }) => actor.id,
  actorName: ({ actor }) => actor.name,
  secretId: ({ secretId }) => secretId,
  secret: ({ secret }) => secret,
  agent: ({ agent }) => agent,
  project: ({ project }) => project,
  environment: ({ environment }) => environment,
  version: ({ version }) => version,
  workloadId: ({ workloadId }) => workloadId,
  secrets: ({ secrets }) =>
    secrets.map(({ name, environment, version }) => `${name}@${environment}#${version}`).join(' '),
  address: ({ address }) => address,
  requestId: ({ requestId }) => requestId,
  details: ({ details }) => JSON.stringify(details),
};

export const csvHeader = Object.keys(cells).join(',');

export const csvLine = (event: AuditEventRecord): string =>
  Object.values(cells)
    .map((cell) => quoteCell(String(cell(event) ?? '')))
    .join(',');

/** RFC 4180. A spreadsheet would run a cell that begins like a formula, so that gets a `'` in front. */
function quoteCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
