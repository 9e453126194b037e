import {
  typeOfKind,
  type Page,
  type ReceivedRecord,
  type WorkloadPreview,
  type WorkloadPreviewed,
} from '@coffer/contract';
import { getAgentOf } from '../agents/read.ts';
import { toInstantOrNull } from '../clock.ts';
import { getEnvironment } from '../environments/manage.ts';
import type { Caller } from '../guard/caller.ts';
import type { Reading } from '../guard/operation.ts';
import { coversSlot } from '../secrets/record.ts';
import { itemOfUnreadable, type Unreadable } from '../secrets/value.ts';
import { collect, findTooLarge, narrow, problemOf, type Collected } from './collect.ts';
import { openSet } from './plan.ts';
import type { StartSettings } from './start.ts';

const toRecord = (one: Collected, environment: string, showPreview: boolean): ReceivedRecord => {
  const { name, source, secret, version } = one;
  const problem = problemOf(one, environment);
  return {
    name,
    secretId: secret.id,
    type: typeOfKind[secret.kind],
    source,
    exposure: secret.exposure,
    environment: version?.environment ?? null,
    version: version?.number ?? null,
    preview: showPreview ? (version?.preview ?? null) : null,
    description: secret.description,
    updatedAt: toInstantOrNull(version?.createdAt ?? null),
    problem: problem === undefined ? null : { code: problem.code ?? '', detail: problem.detail },
  };
};

const environmentOf = async (reading: Reading, named: string | undefined): Promise<string> => {
  const slug = named ?? (await reading.policy()).default_environment;
  return (await getEnvironment(reading, slug)).slug;
};

/** Everything the agent can receive, by source; metadata only. */
export const listReceived = async (
  caller: Caller,
  agentName: string,
  query: { environment?: string | undefined },
): Promise<Page<ReceivedRecord>> =>
  caller.guard.read(caller, async (reading) => {
    const agent = await getAgentOf(reading, agentName);
    reading.concerning({ agent });
    await reading.allow('agent_secret.read', { agent });
    const environment = await environmentOf(reading, query.environment);
    const collected = await collect(reading.stores, agent, environment);
    const isShown = (await reading.policy()).preview !== 'none';
    const items = collected.map((one) => {
      const showPreview = isShown && coversSlot(reading.caller, one.version?.environment ?? '');
      return toRecord(one, environment, showPreview);
    });
    return { items, nextCursor: null };
  });

const problemWith = (
  one: Collected,
  unreadable: readonly Unreadable[],
): { readonly problem?: ReceivedRecord['problem'] } => {
  const found = unreadable.find(({ secret }) => secret.id === one.secret.id);
  if (found === undefined) return {};
  const { code, detail } = itemOfUnreadable(found);
  return { problem: { code, detail } };
};

/**
 * What a start would deliver, and why it would fail; no values, no delivery, for who may start.
 * Opens what the start would open, to tell what does not; nothing of a set that is too large, as the start.
 */
export const previewWorkload = async (
  caller: Caller,
  input: WorkloadPreview,
  settings: Pick<StartSettings, 'environmentMaxBytes'>,
): Promise<WorkloadPreviewed> =>
  caller.guard.write(caller, 'workload.preview', async (operation) => {
    const agent = await getAgentOf(operation, input.target.id);
    operation.concerning({ agent });
    const environment = await environmentOf(operation, input.environment);
    operation.concerning({ environment });
    await operation.allow('workload.start', { agent, environment });
    const set = narrow(await collect(operation.stores, agent, environment), input.only);
    const tooLarge = findTooLarge(set.kept, agent, settings.environmentMaxBytes);
    const { unreadable } = await openSet(operation, tooLarge === undefined ? set.kept : []);
    const variables = set.kept.map((one) => ({
      ...toRecord(one, environment, false),
      preview: null,
      ...problemWith(one, unreadable),
    }));
    const missing: ReceivedRecord[] = set.unknown.map((name) => ({
      name,
      secretId: null,
      type: 'secret',
      source: 'agent',
      exposure: 'env',
      environment: null,
      version: null,
      preview: null,
      description: '',
      updatedAt: null,
      problem: { code: 'secret_not_found', detail: `the agent gets no secret ${name}` },
    }));
    const all = [...variables, ...missing];
    const details = { unreadable: unreadable.map(({ secret }) => secret.name) };
    operation.record({ agent, environment, ...(unreadable.length > 0 && { details }) });
    return {
      agent: agent.slug,
      environment,
      startable: tooLarge === undefined && all.every(({ problem }) => problem === null),
      problem: tooLarge === undefined ? null : { code: tooLarge.code, detail: tooLarge.message },
      variables: all,
    };
  });
