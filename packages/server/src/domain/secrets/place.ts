import { CofferError, type Scope } from '@coffer/contract';
import type { Agent } from '../agents/port.ts';
import { getAgentOf } from '../agents/read.ts';
import type { Reading } from '../guard/operation.ts';
import type { GuardedAct, Target } from '../guard/rights.ts';
import type { Project } from '../projects/port.ts';
import { getProject } from '../projects/manage.ts';
import { describeMissing } from './missing.ts';
import type { Secret } from './port.ts';

/** Which scope is meant, as a request names it: by slug or id. */
export type PlaceName =
  | { readonly scope: 'organization' }
  | { readonly scope: 'project'; readonly project: string }
  | { readonly scope: 'agent'; readonly agent: string };

/** One secret, as a request names it: by id, or by name in a scope. */
export type SecretAddress =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'name'; readonly place: PlaceName; readonly name: string };

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

const concern = (reading: Reading, place: Place): void => {
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

const loadPlace = async (reading: Reading, name: PlaceName): Promise<Place> => {
  switch (name.scope) {
    case 'organization':
      return { scope: 'organization', ownerId: reading.organizationId, project: undefined, agent: undefined };
    case 'project': {
      const project = await getProject(reading, name.project);
      return { scope: 'project', ownerId: project.id, project, agent: undefined };
    }
    case 'agent': {
      const agent = await getAgentOf(reading, name.agent);
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

export interface Found {
  readonly secret: Secret;
  readonly place: Place;
}

/** A live secret the caller may use so. Throws `forbidden` before it looks, or `secret_not_found`. */
export const findSecret = async (
  reading: Reading,
  address: SecretAddress,
  use: { intent: Intent; slots?: Target['slots'] },
): Promise<Found> => {
  const found = await lookUp(reading, address, use);
  if (found.secret.deletedAt === null) return found;
  throw await describeMissing(reading, found.place, found.secret.name);
};

/** The secret, or the one deleted last under its name. */
export const findDeletedSecret = async (
  reading: Reading,
  address: SecretAddress,
  use: { intent: Intent; slots?: Target['slots'] },
): Promise<Found> => {
  if (address.by === 'id') return lookUp(reading, address, use);
  const place = await enterPlace(reading, address.place, use);
  reading.concerning({ secretName: address.name });
  const secret = await reading.stores.secrets.findDeletedByName(place.ownerId, address.name);
  if (secret === undefined) throw await describeMissing(reading, place, address.name);
  reading.concerning({ secret });
  return { secret, place };
};

const lookUp = async (
  reading: Reading,
  address: SecretAddress,
  use: { intent: Intent; slots?: Target['slots'] },
): Promise<Found> => {
  if (address.by === 'name') {
    const place = await enterPlace(reading, address.place, use);
    reading.concerning({ secretName: address.name });
    const secret = await reading.stores.secrets.findByName(place.ownerId, address.name);
    if (secret === undefined) throw await describeMissing(reading, place, address.name);
    reading.concerning({ secret });
    return { secret, place };
  }
  const secret = await reading.stores.secrets.find(reading.organizationId, address.id);
  if (secret === undefined) {
    reading.allowOwn();
    throw new CofferError('secret_not_found', {
      detail: 'The organization has no secret of this id.',
      hint: 'List secrets with their ids: coffer secrets list [agent] --json',
    });
  }
  const place = await placeOf(reading, secret);
  concern(reading, place);
  reading.concerning({ secret });
  await reading.allow(actOf(place, use.intent), targetOf(place, use.slots));
  return { secret, place };
};
