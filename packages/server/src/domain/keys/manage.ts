import {
  CofferError,
  keyLifetimeDaysDefault,
  type KeyCreate,
  type KeyCreated,
  type KeyRecord,
  type Page,
  type PageQuery,
  type Whoami,
} from '@coffer/contract';
import { createToken, hashToken } from '@coffer/crypto';
import type { Agent } from '../agents/port.ts';
import { getAgentOf } from '../agents/read.ts';
import { dayMs, toInstant, toInstantOrNull } from '../clock.ts';
import { getEnvironment } from '../environments/manage.ts';
import type { Caller } from '../guard/caller.ts';
import type { Operation, Reading } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import { decodeCursor, limitOf, toPage } from '../paging.ts';
import type { Project } from '../projects/port.ts';
import { getProject } from '../projects/manage.ts';
import type { ApiKey } from './port.ts';

/** What a key may do and where, as its owner and whoever holds it are told. */
export const describeKey = async (
  reading: Reading,
  key: Pick<ApiKey, 'id' | 'name' | 'agentId' | 'projectId' | 'environments' | 'rights' | 'expiresAt'>,
): Promise<NonNullable<Whoami['key']>> => {
  const { stores, organizationId } = reading;
  const agent = key.agentId === null ? undefined : await stores.agents.find(organizationId, key.agentId);
  const project =
    key.projectId === null ? undefined : await stores.projects.find(organizationId, key.projectId);
  return {
    id: key.id,
    name: key.name,
    agent: agent?.slug ?? key.agentId,
    project: project?.slug ?? key.projectId,
    environments: key.environments === null ? null : [...key.environments],
    rights: [...key.rights],
    expiresAt: toInstant(key.expiresAt),
  };
};

const toRecord = async (reading: Reading, key: ApiKey): Promise<KeyRecord> => {
  const { stores } = reading;
  return {
    ...(await describeKey(reading, key)),
    maker: (await stores.members.get(key.makerId))?.email ?? key.makerId,
    madeByKey: key.madeByKeyId,
    createdAt: toInstant(key.createdAt),
    lastUsedAt: toInstantOrNull(key.lastUsedAt),
    revokedAt: toInstantOrNull(key.revokedAt),
  };
};

const isAdmin = (caller: Caller): boolean =>
  caller.type === 'operator' ||
  ('member' in caller && (caller.member?.role === 'owner' || caller.member?.role === 'admin'));

/** Owners and admins see every key, others their own. */
export const listKeys = async (caller: Caller, query: PageQuery): Promise<Page<KeyRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('key.list');
    const limit = limitOf(query.limit);
    const before = decodeCursor(query.cursor, 1)?.[0];
    const own = 'member' in reading.caller ? reading.caller.member?.id : undefined;
    const rows = await reading.stores.keys.list(reading.organizationId, {
      makerId: isAdmin(reading.caller) ? undefined : own,
      before,
      limit: limit + 1,
    });
    const page = toPage(rows, limit, { cursorOf: ({ id }) => [id], itemOf: (key) => key });
    const items: KeyRecord[] = [];
    for (const key of page.items) items.push(await toRecord(reading, key));
    return { items, nextCursor: page.nextCursor };
  });

const invalid = (detail: string, hint: string): CofferError =>
  new CofferError('request_invalid', { detail, hint });

const forbidden = (operation: Operation, reason: string): CofferError => {
  operation.concerning({ details: { reason } });
  return new CofferError('forbidden', {
    detail: 'This caller may not make a key with these rights.',
    hint: 'Ask an owner or admin of the organization to make it.',
  });
};

/** `run` delivers values: owners and admins give it, in development also the agent's owner. */
const checkRun = (operation: Operation, input: KeyCreate, agent: Agent | undefined): void => {
  if (agent === undefined || input.environments === undefined) {
    throw invalid(
      'A key with the right run names its agent and environments.',
      'Add them: --agent AGENT --env ENVIRONMENT',
    );
  }
  const { caller } = operation;
  if (caller.type === 'key') throw forbidden(operation, 'people give run, keys do not');
  if (isAdmin(caller)) return;
  const owns = 'member' in caller && caller.member?.id === agent.ownerId;
  if (owns && input.environments.every((slug) => slug === 'development')) return;
  throw forbidden(operation, 'only owners and admins give run outside development');
};

const checkRights = (
  operation: Operation,
  input: KeyCreate,
  place: { agent?: Agent; project?: Project },
): void => {
  const { caller } = operation;
  if (input.rights.includes('admin') && !isAdmin(caller)) throw forbidden(operation, 'admin needs an admin');
  if (place.agent === undefined && place.project === undefined && !input.rights.includes('admin')) {
    throw invalid(
      'A key is narrowed to an agent or a project, unless it has the right admin.',
      'Add --agent AGENT or --project PROJECT.',
    );
  }
  if (input.rights.includes('run')) checkRun(operation, input, place.agent);
};

export const createKey = async (caller: Caller, input: KeyCreate): Promise<KeyCreated> =>
  caller.guard.write(caller, 'key.create', async (operation) => {
    operation.concerning({ details: { rights: input.rights } });
    await operation.allow('key.create');
    const { stores, now, organizationId } = operation;
    const maker = 'member' in operation.caller ? operation.caller.member : null;
    if (maker === null) throw forbidden(operation, 'no member makes the key');
    if (input.agent !== undefined && input.project !== undefined) {
      throw invalid('A key is narrowed to an agent or to a project, not to both.', 'Leave one of them out.');
    }
    const agent = input.agent === undefined ? undefined : await getAgentOf(operation, input.agent);
    const project = input.project === undefined ? undefined : await getProject(operation, input.project);
    operation.concerning({ agent });
    checkRights(operation, input, { ...(agent && { agent }), ...(project && { project }) });
    for (const slug of input.environments ?? []) await getEnvironment(operation, slug);
    const token = createToken('cfr_key');
    const key: ApiKey = {
      id: createId('key', now),
      organizationId,
      makerId: maker.id,
      madeByKeyId: operation.caller.type === 'key' ? operation.caller.keyId : null,
      name: input.name ?? agent?.slug ?? project?.slug ?? 'admin',
      tokenHash: hashToken(token),
      agentId: agent?.id ?? null,
      projectId: project?.id ?? null,
      environments: input.environments ?? null,
      rights: [...new Set(input.rights)],
      createdAt: now,
      expiresAt: Math.min(
        now + (input.expiresInDays ?? keyLifetimeDaysDefault) * dayMs,
        // What a key makes ends with it at the latest.
        operation.caller.type === 'key' ? operation.caller.expiresAt : Number.MAX_SAFE_INTEGER,
      ),
      lastUsedAt: null,
      revokedAt: null,
    };
    await stores.keys.insert(key);
    operation.record({
      agent,
      projectId: project?.id,
      details: { key: key.id, name: key.name, rights: key.rights, environments: key.environments },
    });
    return { ...(await toRecord(operation, key)), key: token };
  });

/** Ends a key, and the keys that were made with it, with the next request. Anyone may revoke a key of their own making. */
export const revokeKey = async (caller: Caller, id: string): Promise<void> =>
  caller.guard.write(caller, 'key.revoke', async (operation) => {
    await operation.allow('key.revoke');
    const { stores, now, organizationId } = operation;
    const key = await stores.keys.find(organizationId, id);
    const own = 'member' in operation.caller && operation.caller.member?.id === key?.makerId;
    if (key === undefined || (!own && !isAdmin(operation.caller))) {
      throw new CofferError('key_not_found', {
        detail: 'There is no API key of this id that the caller may see.',
        hint: 'List them with: coffer key list',
      });
    }
    const revoked = await stores.keys.revoke(key.id, now);
    operation.changed();
    const made = revoked.filter((one) => one !== key.id);
    operation.record({ details: { key: key.id, name: key.name, ...(made.length > 0 && { made }) } });
  });
