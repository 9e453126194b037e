import type { ErrorItem, OrganizationId } from '@coffer/contract';
import { seal, SecretBytes } from '@coffer/crypto';
import type { Keyring } from '../keyring/keyring.ts';
import type { Stores } from '../stores.ts';
import type { SealedPlace, Secret } from './port.ts';
import { ownerSlugs } from './record.ts';
import { bindingOf, itemOfUnreadable, tryOpenStored, type Unreadable } from './value.ts';

/** A version that does not open: it stays as it is, under its older data key. */
export interface SkippedVersion extends Pick<Unreadable, 'key'> {
  readonly organizationId: OrganizationId;
  readonly version: SealedPlace;
  /** Undefined where the organization has no such secret. */
  readonly secret: Secret | undefined;
}

export interface ResealedVersions {
  readonly sealed: number;
  readonly skipped: readonly SkippedVersion[];
  /** The last version looked at, where more may follow. */
  readonly next: SealedPlace | undefined;
}

const placeOf = ({ generation, secretId, environment, number }: SealedPlace): SealedPlace => ({
  generation,
  secretId,
  environment,
  number,
});

/**
 * Seals the next versions that are under an older data key again under this one, past what does not open.
 * Throws `key_unreadable` where this data key itself does not open.
 */
export const resealVersions = async (
  parts: { stores: Stores; keyring: Keyring },
  which: {
    organizationId: OrganizationId;
    generation: number;
    inOrder: boolean;
    after: SealedPlace | undefined;
    limit: number;
  },
): Promise<ResealedVersions> => {
  const { stores, keyring } = parts;
  const { organizationId, generation, ...page } = which;
  const listed = await stores.secrets.listSealedBefore(organizationId, generation, page);
  const last = listed.at(-1);
  if (last === undefined) return { sealed: 0, skipped: [], next: undefined };
  const key = await keyring.dataKey(stores, organizationId, generation);
  const skipped: SkippedVersion[] = [];
  for (const { secret, version } of listed) {
    const skip = (because: Pick<Unreadable, 'key'>) =>
      skipped.push({ ...because, organizationId, version: placeOf(version), secret });
    if (secret === undefined) {
      skip({});
      continue;
    }
    const opened = await tryOpenStored(parts, secret, version);
    if (!(opened instanceof SecretBytes)) {
      skip(opened);
      continue;
    }
    const sealed = seal(key, opened, bindingOf(secret, version.environment, version.number));
    opened.wipe();
    await stores.secrets.replaceStored({ ...version, sealed, generation });
  }
  const sealed = listed.length - skipped.length;
  await keyring.countSeals(stores, key, sealed);
  return { sealed, skipped, next: listed.length < page.limit ? undefined : placeOf(last.version) };
};

/** What an error’s list says of what was skipped, with whose secret it is. */
export const itemsOfSkipped = async (
  stores: Stores,
  organization: { id: OrganizationId; slug: string },
  skipped: readonly SkippedVersion[],
): Promise<readonly ErrorItem[]> => {
  const secrets = skipped.flatMap(({ secret }) => (secret === undefined ? [] : [secret]));
  const slugs = await ownerSlugs({ stores, organizationId: organization.id }, secrets);
  return skipped.map(({ secret, version, ...rest }) => {
    const named = secret ?? { id: version.secretId, name: version.secretId };
    const item = itemOfUnreadable({ secret: named, version, ...rest });
    const slug = secret === undefined ? undefined : slugs.get(secret.ownerId);
    return {
      ...item,
      ...(secret?.scope === 'agent' && slug !== undefined && { agent: slug }),
      ...(secret?.scope === 'project' && slug !== undefined && { project: slug }),
      detail: `${item.detail}; ${describePlace(secret, slug)}, organization ${organization.slug}`,
    };
  });
};

const describePlace = (secret: Secret | undefined, slug: string | undefined): string => {
  if (secret === undefined) return 'there is no such secret';
  const whose =
    secret.scope === 'organization' ? 'in the vault' : `of ${secret.scope} ${slug ?? secret.ownerId}`;
  return secret.deletedAt === null ? whose : `${whose}, deleted`;
};
