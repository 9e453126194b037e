import { CofferError, type OrganizationId } from '@coffer/contract';
import { equalInConstantTime } from '@coffer/crypto';
import type { Ledger } from '../audit/ledger.ts';
import type { ApiKey } from '../keys/port.ts';
import type { Member } from '../members/port.ts';
import type { Stores } from '../stores.ts';
import type { Caller, KeyCaller, PersonCaller, Standing, WorkloadCaller } from './caller.ts';

/** What is known of a credential, without the request it came with. */
export type Snapshot =
  | Omit<PersonCaller, 'guard' | 'origin'>
  | Omit<KeyCaller, 'guard' | 'origin'>
  | Omit<WorkloadCaller, 'guard' | 'origin'>;

export type CredentialType = Snapshot['type'];

export interface Credential {
  readonly type: CredentialType;
  readonly tokenHash: string;
  /** The workload that a link token names. */
  readonly workloadId: string | null;
  /** The organization the request names, by id or slug. */
  readonly organization: string | null;
  readonly rememberedAs: string;
}

const notAuthenticated = (reason: string): CofferError =>
  new CofferError(
    'not_authenticated',
    {
      detail: 'The credential is missing, expired, revoked or not known here.',
      hint: 'Log in again (coffer login --local), or set COFFER_API_KEY to a valid key.',
    },
    { cause: reason },
  );

const organizationNotFound = (): CofferError =>
  new CofferError('organization_not_found', {
    detail: 'There is no such organization, or the caller does not belong to it.',
    hint: 'List yours with: coffer org list',
  });

const standingOf = (member: Member): Standing => ({ id: member.id, role: member.role, email: member.email });

const accessChangesOf = async (stores: Stores, organizationId: OrganizationId): Promise<number> =>
  (await stores.audit.findHead(organizationId))?.accessChanges ?? 0;

const loadPerson = async (stores: Stores, credential: Credential, now: number): Promise<Snapshot> => {
  const session = await stores.sessions.findByTokenHash(credential.tokenHash);
  if (session === undefined) throw notAuthenticated('unknown session');
  if (session.revokedAt !== null || session.expiresAt <= now) throw notAuthenticated('session over');
  const person = await stores.members.findPerson(session.personId);
  if (person === undefined) throw notAuthenticated('person gone');
  const memberships = await stores.members.listOfPerson(person.id);
  if (memberships.length === 0) throw notAuthenticated('member of nothing');
  const { organization } = credential;
  const chosen =
    organization === null
      ? memberships.length === 1
        ? memberships[0]
        : undefined
      : memberships.find(
          (one) => one.organizationId === organization || one.organizationSlug === organization,
        );
  if (organization !== null && chosen === undefined) throw organizationNotFound();
  return {
    type: 'person',
    personId: person.id,
    sessionId: session.id,
    email: person.email,
    member: chosen === undefined ? null : standingOf(chosen),
    organizationId: chosen?.organizationId ?? null,
    organizationSlug: chosen?.organizationSlug ?? null,
    accessChanges: chosen === undefined ? 0 : await accessChangesOf(stores, chosen.organizationId),
    tokenHash: credential.tokenHash,
    rememberedAs: credential.rememberedAs,
    expiresAt: session.expiresAt,
  };
};

const checkNamed = async (stores: Stores, credential: Credential, organizationId: OrganizationId) => {
  const organization = await stores.organizations.find(organizationId);
  const { organization: named } = credential;
  if (
    organization === undefined ||
    (named !== null && named !== organization.id && named !== organization.slug)
  ) {
    throw organizationNotFound();
  }
  return { slug: organization.slug, accessChanges: await accessChangesOf(stores, organizationId) };
};

const loadKey = async (stores: Stores, credential: Credential, now: number): Promise<Snapshot> => {
  const key: ApiKey | undefined = await stores.keys.findByTokenHash(credential.tokenHash);
  if (key === undefined) throw notAuthenticated('unknown key');
  if (key.revokedAt !== null || key.expiresAt <= now) throw notAuthenticated('key over');
  const maker = await stores.members.find(key.organizationId, key.makerId);
  if (maker === undefined) throw notAuthenticated('the key’s maker has left');
  const { slug, accessChanges } = await checkNamed(stores, credential, key.organizationId);
  return {
    type: 'key',
    keyId: key.id,
    name: key.name,
    member: standingOf(maker),
    agentId: key.agentId,
    projectId: key.projectId,
    environments: key.environments,
    rights: key.rights,
    organizationId: key.organizationId,
    organizationSlug: slug,
    accessChanges,
    tokenHash: credential.tokenHash,
    rememberedAs: credential.rememberedAs,
    expiresAt: key.expiresAt,
  };
};

const loadWorkload = async (stores: Stores, credential: Credential): Promise<Snapshot> => {
  const workload = await stores.workloads.findById(credential.workloadId ?? '');
  if (workload === undefined || !equalInConstantTime(workload.tokenHash, credential.tokenHash)) {
    throw notAuthenticated('unknown workload');
  }
  const { slug, accessChanges } = await checkNamed(stores, credential, workload.organizationId);
  return {
    type: 'workload',
    workloadId: workload.id,
    agentId: workload.agentId,
    organizationId: workload.organizationId,
    organizationSlug: slug,
    accessChanges,
    tokenHash: credential.tokenHash,
    rememberedAs: credential.rememberedAs,
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
};

/**
 * Who a credential is, from the database. Throws `not_authenticated` or `organization_not_found`. The counter
 * is read before what it vouches for: a change between the two makes the snapshot old, never wrongly new.
 */
export const loadSnapshot = async (
  stores: Stores,
  credential: Credential,
  now: number,
): Promise<Snapshot> => {
  const { accessChanges, organizationId } = await readSnapshot(stores, credential, now);
  const snapshot = await readSnapshot(stores, credential, now);
  return { ...snapshot, accessChanges: snapshot.organizationId === organizationId ? accessChanges : -1 };
};

const readSnapshot = async (stores: Stores, credential: Credential, now: number): Promise<Snapshot> => {
  switch (credential.type) {
    case 'person':
      return loadPerson(stores, credential, now);
    case 'key':
      return loadKey(stores, credential, now);
    case 'workload':
      return loadWorkload(stores, credential);
  }
};

/**
 * The caller as of this transaction: the one given while the organization's counter of access stands where
 * it stood when the caller was loaded, else loaded anew. So a role, key or session that was taken away
 * is gone with the next request, on every replica.
 */
export const loadCaller = async (
  stores: Stores,
  caller: Caller,
  at: { now: number; ledger?: Ledger },
): Promise<Caller> => {
  if (caller.type === 'operator') return caller;
  if (caller.organizationId !== null && caller.expiresAt > at.now) {
    const head =
      at.ledger?.findHead(caller.organizationId) ?? (await stores.audit.findHead(caller.organizationId));
    if (head?.accessChanges === caller.accessChanges) return caller;
  }
  const { guard, origin, type, tokenHash, rememberedAs } = caller;
  const workloadId = caller.type === 'workload' ? caller.workloadId : null;
  const credential = { type, tokenHash, workloadId, rememberedAs, organization: caller.organizationId };
  const isLocked = at.ledger !== undefined && caller.organizationId !== null;
  // A locked head cannot move while the rest is read.
  const load = isLocked ? readSnapshot : loadSnapshot;
  const snapshot = await load(stores, credential, at.now);
  // What a batch says of the caller is true once the batch is durable.
  if (isLocked) at.ledger?.afterCommit(() => guard.remember(snapshot));
  else guard.remember(snapshot);
  return { ...snapshot, guard, origin };
};
