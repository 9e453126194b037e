import {
  CofferError,
  type AgentCreate,
  type AgentDeleted,
  type AgentRecord,
  type AgentUpdate,
  type MemberId,
  type ProjectId,
} from '@coffer/contract';
import type { Caller } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import { getMember } from '../members/manage.ts';
import { getProject } from '../projects/manage.ts';
import { isHeard } from '../workloads/record.ts';
import type { Agent } from './port.ts';
import { getAgentOf, toAgentRecord } from './read.ts';

const agentExists = (slug: string): CofferError =>
  new CofferError('agent_exists', {
    detail: `The organization has an agent ${slug}.`,
    hint: 'Choose another slug; a slug is free again once its agent is deleted.',
  });

/** `agent_exists` for a restore, where no other slug can be chosen. */
const cannotRestore = ({ id, slug, deletedAt }: Agent): CofferError =>
  deletedAt === null
    ? new CofferError('agent_exists', {
        detail: `The agent ${slug} is not deleted, so there is nothing to restore.`,
        hint: 'List the agents there are with: coffer agent list',
      })
    : new CofferError('agent_exists', {
        detail: `The slug ${slug} is taken by another agent since, and the slug of an agent never changes.`,
        hint: `Delete the other one, then restore this one by its id: coffer agent delete ${slug}; coffer agent restore ${id}`,
      });

const ownerOf = async (operation: Operation, named: string | undefined): Promise<MemberId> => {
  const { caller } = operation;
  if (named !== undefined) {
    const member = await getMember(operation, named);
    if (member.role === 'auditor') {
      throw new CofferError('request_invalid', {
        detail: 'An auditor cannot own an agent.',
        hint: 'Name an owner, admin or member.',
      });
    }
    return member.id;
  }
  if ('member' in caller && caller.member !== null) return caller.member.id;
  throw new CofferError('request_invalid', {
    detail: 'An agent needs an owner.',
    hint: 'Name a member: --owner EMAIL',
  });
};

export const createAgent = async (caller: Caller, input: AgentCreate): Promise<AgentRecord> =>
  caller.guard.write(caller, 'agent.create', async (operation) => {
    operation.concerning({ details: { slug: input.slug } });
    await operation.allow('agent.create');
    const { stores, now, organizationId } = operation;
    const project = await getProject(operation, input.project ?? 'default');
    // The agent will receive the project's secrets.
    await operation.allow('agent.create', { project });
    const ownerId = await ownerOf(operation, input.owner);
    if ('member' in operation.caller && ownerId !== operation.caller.member?.id)
      await operation.allow('agent.move');
    const id = createId('agent', now);
    const row = {
      id,
      organizationId,
      projectId: project.id,
      ownerId,
      slug: input.slug,
      createdAt: now,
      deletedAt: null,
    };
    if (!(await stores.agents.insert(row))) throw agentExists(input.slug);
    const agent = await getAgentOf(operation, id);
    operation.record({ agent, details: { owner: agent.ownerEmail, project: agent.projectSlug } });
    return toAgentRecord(agent);
  });

/** Moves an agent, and with it who may manage and receive its secrets. */
export const updateAgent = async (
  caller: Caller,
  idOrSlug: string,
  input: AgentUpdate,
): Promise<AgentRecord> =>
  caller.guard.write(caller, 'agent.update', async (operation) => {
    await operation.allow('agent.move');
    const agent = await getAgentOf(operation, idOrSlug);
    const change: { projectId?: ProjectId; ownerId?: MemberId } = {};
    if (input.project !== undefined) change.projectId = (await getProject(operation, input.project)).id;
    if (input.owner !== undefined) change.ownerId = await ownerOf(operation, input.owner);
    await operation.stores.agents.update(agent.id, change);
    const moved = await getAgentOf(operation, agent.id);
    operation.changed();
    operation.record({
      agent: moved,
      details: {
        from: { project: agent.projectSlug, owner: agent.ownerEmail },
        to: { project: moved.projectSlug, owner: moved.ownerEmail },
      },
    });
    return toAgentRecord(moved);
  });

/** Running workloads of the agent; they keep what they were given until they stop. */
const listRunning = async (operation: Operation, agent: Agent): Promise<AgentDeleted['workloads']> => {
  const { stores, now, organizationId } = operation;
  const active = await stores.workloads.listActive(organizationId, agent.id);
  return active
    .filter((workload) => isHeard(workload, now))
    .map(({ id, agentSlug, environment }) => ({ id, agent: agentSlug, environment }));
};

const deleteAgentSecrets = async (operation: Operation, agent: Agent): Promise<number> => {
  const { stores, now } = operation;
  let count = 0;
  for (;;) {
    const secrets = await stores.secrets.list(agent.id, { deleted: false, limit: 500 });
    if (secrets.length === 0) return count;
    for (const secret of secrets) {
      await stores.secrets.update(secret.id, { deletedAt: now, deletedWithAgent: true });
      count += 1;
    }
  }
};

/** Destroys every secret of the agent, deleted ones included, then the agent. Returns how many. */
export const destroyAgent = async (operation: Operation, agent: Agent): Promise<number> => {
  const { stores } = operation;
  let count = 0;
  for (const deleted of [false, true]) {
    for (;;) {
      const secrets = await stores.secrets.list(agent.id, { deleted, limit: 500 });
      if (secrets.length === 0) break;
      for (const secret of secrets) await stores.secrets.destroy(secret.id);
      count += secrets.length;
    }
  }
  await stores.agents.destroy(agent.id);
  return count;
};

const findForPurge = async (operation: Operation, idOrSlug: string): Promise<Agent> => {
  const { stores, organizationId } = operation;
  const live = await stores.agents.find(organizationId, idOrSlug);
  return (
    live ?? (await stores.agents.findDeleted(organizationId, idOrSlug)) ?? getAgentOf(operation, idOrSlug)
  );
};

/** Deletes the agent with its secrets; `purge` destroys both at once, also after an earlier delete. */
export const deleteAgent = async (
  caller: Caller,
  idOrSlug: string,
  options: { purge: boolean },
): Promise<AgentDeleted> => {
  const deleted = await caller.guard.write(
    caller,
    options.purge ? 'agent.purge' : 'agent.delete',
    async (operation) => {
      const agent = options.purge
        ? await findForPurge(operation, idOrSlug)
        : await getAgentOf(operation, idOrSlug);
      operation.concerning({ agent });
      await operation.allow('agent.delete', { agent });
      const workloads = await listRunning(operation, agent);
      const secrets = options.purge
        ? await destroyAgent(operation, agent)
        : await deleteAgentSecrets(operation, agent);
      if (!options.purge) await operation.stores.agents.markDeleted(agent.id, operation.now);
      operation.changed();
      operation.record({ agent, details: { secrets } });
      return { id: agent.id, slug: agent.slug, secrets, purged: options.purge, workloads };
    },
  );
  if (options.purge) await caller.guard.database.purgeRemains();
  return deleted;
};

export const restoreAgent = async (caller: Caller, idOrSlug: string): Promise<AgentRecord> =>
  caller.guard.write(caller, 'agent.restore', async (operation) => {
    const { stores, organizationId } = operation;
    const agent =
      (await stores.agents.findDeleted(organizationId, idOrSlug)) ?? (await getAgentOf(operation, idOrSlug));
    operation.concerning({ agent });
    await operation.allow('agent.delete', { agent });
    if (agent.deletedAt === null || !(await stores.agents.restore(agent.id))) throw cannotRestore(agent);
    const secrets = await stores.secrets.listDeletedWithAgent(agent.id);
    for (const secret of secrets) await stores.secrets.restore(secret.id);
    operation.changed();
    operation.record({ agent, details: { secrets: secrets.length } });
    return toAgentRecord(await getAgentOf(operation, agent.id));
  });
