import type { Scope } from '@coffer/contract';
import type { Agent } from '../agents/port.ts';
import { getAgentOf } from '../agents/read.ts';
import type { Reading } from '../guard/operation.ts';
import type { GuardedAct, Target } from '../guard/rights.ts';
import type { Project } from '../projects/port.ts';
import { getProject } from '../projects/manage.ts';
import type { Secret } from './port.ts';

/** Which scope is meant, as a request names it: by slug or id. */
export type PlaceName =
  | { readonly scope: 'organization' }
  | { readonly scope: 'project'; readonly project: string }
  | { readonly scope: 'agent'; readonly agent: string };

/** A scope with its owner loaded: the organization, a project or an agent. */
export interface Place {
  readonly scope: Scope;
  readonly ownerId: string;
  readonly project: Project | undefined;
  readonly agent: Agent | undefined;
}

export type Intent = 'read' | 'write';

const acts: Record<Scope, Record<Intent, GuardedAct>> = {
  organization: { read: 'vault.read', write: 'vault.write' },
  project: { read: 'project_secret.read', write: 'project_secret.write' },
  agent: { read: 'agent_secret.read', write: 'agent_secret.write' },
};

export const actOf = (place: Place, intent: Intent): GuardedAct => acts[place.scope][intent];

/** What the guard decides about; `slots` narrows it to the value slots an act touches. */
export const targetOf = (place: Place, slots?: Target['slots']): Target => ({
  ...(place.agent && { agent: place.agent }),
  ...(place.project && { project: place.project }),
  ...(slots !== undefined && { slots }),
});

export const concern = (reading: Reading, place: Place): void => {
  reading.concerning({ agent: place.agent, projectId: place.project?.id });
};

/** Loads the scope and asks the guard. Nothing is said about a secret to who may not use the scope. */
export const enterPlace = async (
  reading: Reading,
  name: PlaceName,
  use: { intent: Intent; slots?: Target['slots'] },
): Promise<Place> => {
  const place = await loadPlace(reading, name);
  concern(reading, place);
  await reading.allow(actOf(place, use.intent), targetOf(place, use.slots));
  return place;
};

export const loadPlace = async (reading: Reading, name: PlaceName): Promise<Place> => {
  switch (name.scope) {
    case 'organization':
      return { scope: 'organization', ownerId: reading.organizationId, project: undefined, agent: undefined };
    case 'project': {
      const project = await reading.accessRow(`project/${name.project}`, async () =>
        getProject(reading, name.project),
      );
      return { scope: 'project', ownerId: project.id, project, agent: undefined };
    }
    case 'agent': {
      const agent = await reading.accessRow(`agent/${name.agent}`, async () =>
        getAgentOf(reading, name.agent),
      );
      return { scope: 'agent', ownerId: agent.id, project: undefined, agent };
    }
  }
};

/** The scope a loaded secret belongs to. */
export const placeOf = async (reading: Reading, secret: Secret): Promise<Place> => {
  const { stores, organizationId } = reading;
  const { scope, ownerId } = secret;
  const project =
    secret.projectId === null ? undefined : await stores.projects.find(organizationId, secret.projectId);
  const agent =
    secret.agentId === null
      ? undefined
      : ((await stores.agents.find(organizationId, secret.agentId)) ??
        (await stores.agents.findDeleted(organizationId, secret.agentId)));
  return { scope, ownerId, project, agent };
};
