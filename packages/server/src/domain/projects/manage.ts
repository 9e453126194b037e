import {
  CofferError,
  type MemberId,
  type Page,
  type PageQuery,
  type ProjectCreate,
  type ProjectRecord,
  type ProjectUpdate,
} from '@coffer/contract';
import { toInstant } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';
import type { Reading } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import { getMember } from '../members/manage.ts';
import { decodeCursor, limitOf, toPage } from '../paging.ts';
import type { Project } from './port.ts';

/** The project, by id or slug. Throws `project_not_found`. */
export const getProject = async (reading: Reading, idOrSlug: string): Promise<Project> => {
  const project = await reading.stores.projects.find(reading.organizationId, idOrSlug);
  if (project !== undefined) return project;
  throw new CofferError('project_not_found', {
    detail: 'The organization has no project of this id or slug.',
    hint: 'List them with: coffer project list',
  });
};

const toRecord = async (reading: Reading, project: Project, agents: number): Promise<ProjectRecord> => {
  const managers: string[] = [];
  for (const id of project.managers ?? []) {
    const member = await reading.stores.members.get(id);
    if (member !== undefined && member.removedAt === null) managers.push(member.email);
  }
  return {
    id: project.id,
    slug: project.slug,
    name: project.name,
    managers: project.managers === null ? null : managers,
    agents,
    createdAt: toInstant(project.createdAt),
  };
};

export const listProjects = async (caller: Caller, query: PageQuery): Promise<Page<ProjectRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('project.list');
    const limit = limitOf(query.limit);
    const after = decodeCursor(query.cursor, 1)?.[0];
    const rows = await reading.stores.projects.list(reading.organizationId, { after, limit: limit + 1 });
    const page = toPage(rows, limit, { cursorOf: ({ id }) => [id], itemOf: (project) => project });
    const agents = await reading.stores.projects.countAgents(page.items.map(({ id }) => id));
    const items: ProjectRecord[] = [];
    for (const project of page.items)
      items.push(await toRecord(reading, project, agents.get(project.id) ?? 0));
    return { items, nextCursor: page.nextCursor };
  });

export const createProject = async (caller: Caller, input: ProjectCreate): Promise<ProjectRecord> =>
  caller.guard.write(caller, 'project.create', async (operation) => {
    await operation.allow('project.manage');
    const { now, organizationId } = operation;
    const project: Project = {
      id: createId('project', now),
      organizationId,
      slug: input.slug,
      name: input.name ?? input.slug,
      managers: null,
      createdAt: now,
    };
    if (!(await operation.stores.projects.insert(project))) {
      throw new CofferError('project_exists', {
        detail: `The organization has a project ${input.slug}.`,
        hint: 'Choose another slug.',
      });
    }
    operation.record({ projectId: project.id, details: { slug: project.slug } });
    return toRecord(operation, project, 0);
  });

export const updateProject = async (
  caller: Caller,
  idOrSlug: string,
  input: ProjectUpdate,
): Promise<ProjectRecord> =>
  caller.guard.write(caller, 'project.update', async (operation) => {
    await operation.allow('project.manage');
    const project = await getProject(operation, idOrSlug);
    const change: { name?: string; managers?: readonly MemberId[] | null } = {};
    if (input.name !== undefined) change.name = input.name;
    if (input.managers === null) change.managers = null;
    else if (input.managers !== undefined) {
      const ids: MemberId[] = [];
      for (const email of input.managers) ids.push((await getMember(operation, email)).id);
      change.managers = ids;
    }
    await operation.stores.projects.update(project.id, change);
    operation.changed();
    operation.record({ projectId: project.id, details: { slug: project.slug, fields: Object.keys(change) } });
    const agents = await operation.stores.projects.countAgents([project.id]);
    return toRecord(operation, await getProject(operation, project.id), agents.get(project.id) ?? 0);
  });

export const deleteProject = async (caller: Caller, idOrSlug: string): Promise<void> =>
  caller.guard.write(caller, 'project.delete', async (operation) => {
    await operation.allow('project.manage');
    const project = await getProject(operation, idOrSlug);
    const { agents, secrets } = await operation.stores.projects.countContents(project.id);
    if (agents > 0 || secrets > 0 || project.slug === 'default') {
      throw new CofferError('project_in_use', {
        detail:
          project.slug === 'default'
            ? 'The project default always stays.'
            : `The project still holds ${agents} agents and ${secrets} secrets, deleted ones that can be restored included.`,
        hint: 'Move or delete what it holds first (deleted ones: with --purge).',
      });
    }
    await operation.stores.projects.delete(project.id);
    operation.changed();
    operation.record({ projectId: project.id, details: { slug: project.slug } });
  });
