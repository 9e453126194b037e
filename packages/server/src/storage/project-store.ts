import { isId, type MemberId } from '../domain/ids.ts';
import type { Selectable } from 'kysely';
import type { Project, ProjectStore } from '../domain/projects/port.ts';
import { insertUnlessTaken } from './insert-unless-taken.ts';
import { readJson, writeJson } from './json-columns.ts';
import type { StoreContext } from './store-context.ts';
import type { ProjectTable } from './tables.ts';

const readProject = (row: Selectable<ProjectTable>): Project => ({
  ...row,
  managers: row.managers === null ? null : (readJson(row.managers) as readonly MemberId[]),
});

const writeManagers = (managers: readonly MemberId[] | null): string | null =>
  managers === null ? null : writeJson(managers);

export const createProjectStore = ({ queries }: StoreContext): ProjectStore => ({
  insert: (project) =>
    insertUnlessTaken(
      queries.insertInto('project').values({ ...project, managers: writeManagers(project.managers) }),
    ),
  async find(organizationId, idOrSlug) {
    const row = await queries
      .selectFrom('project')
      .selectAll()
      .where('organizationId', '=', organizationId)
      .where(isId('project', idOrSlug) ? 'id' : 'slug', '=', idOrSlug as never)
      .executeTakeFirst();
    return row && readProject(row);
  },
  async list(organizationId, { after, limit }) {
    const rows = await queries
      .selectFrom('project')
      .selectAll()
      .where('organizationId', '=', organizationId)
      .$if(after !== undefined, (query) => query.where('id', '>', after as never))
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(readProject);
  },
  async countAgents(projectIds) {
    if (projectIds.length === 0) return new Map();
    const rows = await queries
      .selectFrom('agent')
      .select(({ fn }) => ['projectId', fn.countAll<number>().as('count')])
      .where('projectId', 'in', projectIds)
      .where('deletedAt', 'is', null)
      .groupBy('projectId')
      .execute();
    return new Map(rows.map(({ projectId, count }) => [projectId, count]));
  },
  async countContents(projectId) {
    const { agents } = await queries
      .selectFrom('agent')
      .select(({ fn }) => fn.countAll<number>().as('agents'))
      .where('projectId', '=', projectId)
      .executeTakeFirstOrThrow();
    // Two counts, because each of the two indexes by owner holds only live or only deleted secrets.
    const secrets = queries
      .selectFrom('secret')
      .select(({ fn }) => fn.countAll<number>().as('secrets'))
      .where('ownerId', '=', projectId);
    const live = await secrets.where('deletedAt', 'is', null).executeTakeFirstOrThrow();
    const deleted = await secrets.where('deletedAt', 'is not', null).executeTakeFirstOrThrow();
    return { agents, secrets: live.secrets + deleted.secrets };
  },
  async update(id, { managers, ...change }) {
    const set = managers === undefined ? change : { ...change, managers: writeManagers(managers) };
    if (Object.keys(set).length === 0) return;
    await queries.updateTable('project').set(set).where('id', '=', id).execute();
  },
  async delete(id) {
    await queries.deleteFrom('project').where('id', '=', id).execute();
  },
});
