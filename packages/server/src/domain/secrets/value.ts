import { CofferError, valueMaxBytes, type Kind, type Policy, type Scope } from '@coffer/contract';
import { encodeBinding, fingerprint, open, seal, SecretBytes, type DataKey } from '@coffer/crypto';
import type { Operation } from '../guard/operation.ts';
import { createPlaceholder } from './placeholder.ts';
import type { Secret, Version } from './port.ts';

/** Values are kept byte for byte; only what cannot be stored or delivered at all is refused. */
export const checkValue = (value: string, scope: Scope): void => {
  if (value === '') {
    throw new CofferError('value_empty', {
      detail: 'An empty value is refused.',
      hint: 'Give a value. To take one away: coffer secrets delete NAME [--env ENVIRONMENT]',
    });
  }
  if (!value.isWellFormed()) {
    throw new CofferError('value_invalid', {
      detail: 'The value is not valid Unicode text.',
      hint: 'Encode binary data, for example as base64, before storing it.',
    });
  }
  if (Buffer.byteLength(value) > valueMaxBytes) {
    throw new CofferError('value_too_large', {
      detail: `A value has at most ${valueMaxBytes} bytes.`,
      hint: 'Keep large files elsewhere, and store the key to them here.',
    });
  }
  if (scope !== 'organization' && value.includes('\0')) {
    throw new CofferError('value_invalid', {
      detail: 'The value holds a NUL character, which no environment variable can carry.',
      hint: 'Encode it, for example as base64.',
    });
  }
};

const previewFrom = 20;
/** The preview of a value whose tail is not shown. */
export const hiddenPreview = '****';

/** The masked tail for recognising a value: computed when it is sealed, never later. */
const previewOf = (value: string, secret: Pick<Secret, 'credentialType'>, policy: Policy): string | null => {
  if (policy.preview === 'none') return null;
  const characters = Array.from(value);
  if (characters.length < previewFrom || secret.credentialType === 'password') return hiddenPreview;
  return `${hiddenPreview}${characters.slice(-4).join('')}`;
};

/** What a sealed value is bound to, besides its slot and number. */
type Bound = Pick<Secret, 'id' | 'organizationId' | 'scope' | 'ownerId'>;

export const bindingOf = (secret: Bound, environment: string, number: number): Uint8Array =>
  encodeBinding('value', {
    organizationId: secret.organizationId,
    scope: secret.scope,
    ownerId: secret.ownerId,
    secretId: secret.id,
    environment,
    version: number,
  });

export interface StoredForm {
  readonly kind: Kind;
  readonly sealed: Uint8Array | null;
  readonly generation: number | null;
  readonly text: string | null;
  readonly preview: string | null;
  readonly placeholder: string | null;
}

/** The form a value is stored in: sealed to its place, or text for a plain secret. */
export const storeValue = async (
  operation: Operation,
  secret: Secret,
  at: { environment: string; number: number; value: string },
): Promise<StoredForm> => {
  if (secret.kind === 'plain') {
    if (at.value.includes('\0')) {
      throw new CofferError('value_invalid', {
        detail: 'A plain value is kept as text, which cannot hold a NUL character.',
        hint: 'Make the secret sealed, or encode the value, for example as base64.',
      });
    }
    return {
      kind: 'plain',
      sealed: null,
      generation: null,
      text: at.value,
      preview: null,
      placeholder: null,
    };
  }
  const { stores, keyring } = operation;
  const key = await keyring.sealingKey(stores, secret.organizationId);
  const sealed = seal(key, Buffer.from(at.value), bindingOf(secret, at.environment, at.number));
  await keyring.countSeals(stores, key, 1);
  return {
    kind: 'sealed',
    sealed,
    generation: key.generation,
    text: null,
    preview: previewOf(at.value, secret, await operation.policy()),
    placeholder: createPlaceholder(at.value),
  };
};

type Named = Bound & Pick<Secret, 'name'>;
type Stored = Pick<Version, 'environment' | 'number' | 'text' | 'sealed' | 'generation'>;

/** A version that does not open, and the secret it is of; where its data key does not open, with that error. */
export interface Unreadable {
  readonly secret: Pick<Secret, 'id' | 'name'>;
  readonly version: Pick<Version, 'environment' | 'number'>;
  readonly key?: CofferError;
}

/** What an error's list says of it. */
export const itemOfUnreadable = ({ secret, version, key }: Unreadable) => ({
  code: key === undefined ? ('value_unreadable' as const) : key.code,
  name: secret.name,
  secret: secret.name,
  environment: version.environment,
  detail: `${key === undefined ? 'the' : 'the key of the'} stored value of ${secret.name} does not open (environment ${version.environment}, version ${version.number})`,
});

/** `value_unreadable`, or `key_unreadable` where it is for a key, with every value that does not open. */
export const describeUnreadable = (begin: string, values: readonly Unreadable[]): CofferError => {
  const errors = values.map(itemOfUnreadable);
  const keys = new Map(values.flatMap(({ key }) => (key === undefined ? [] : [[key.message, key] as const])));
  const [key] = keys.values();
  const all = `${begin}: ${errors.map(({ detail }) => detail).join('; ')}.`;
  return new CofferError(
    key?.code ?? 'value_unreadable',
    {
      detail: [all, ...keys.keys()].join(' '),
      hint:
        key?.hint ??
        'The row was changed outside Coffer, or its key is gone. Write the value again with coffer secrets set, and run: coffer audit verify',
      errors,
    },
    { cause: key?.cause },
  );
};

/** Undefined where the version does not belong to this place. */
const tryOpen = (secret: Bound, version: Stored, key: DataKey | undefined): SecretBytes | undefined => {
  // What is sealed counts, whatever a row that somebody wrote has beside it.
  if (version.sealed === null) return version.text === null ? undefined : SecretBytes.from(version.text);
  if (key === undefined) return undefined;
  const opened = open(key, version.sealed, bindingOf(secret, version.environment, version.number));
  return opened.ok ? opened.value : undefined;
};

type Ring = Pick<Operation, 'stores' | 'keyring'>;

const openKeyOf = async (
  { stores, keyring }: Ring,
  { organizationId }: Bound,
  { generation }: Stored,
): Promise<DataKey | CofferError | undefined> => {
  if (generation === null) return undefined;
  try {
    return await keyring.findDataKey(stores, organizationId, generation);
  } catch (error) {
    if (error instanceof CofferError && error.code === 'key_unreadable') return error;
    throw error;
  }
};

/** Opens a version with the data key of its generation, or says that it, or that key, does not open. */
export const tryOpenStored = async (
  ring: Ring,
  secret: Named,
  version: Stored,
): Promise<SecretBytes | Unreadable> => {
  const key = await openKeyOf(ring, secret, version);
  if (key instanceof CofferError) return { secret, version, key };
  return tryOpen(secret, version, key) ?? { secret, version };
};

/** The same, and throws `value_unreadable` or `key_unreadable` instead. */
export const openStored = async (ring: Ring, secret: Named, version: Stored): Promise<SecretBytes> => {
  const opened = await tryOpenStored(ring, secret, version);
  if (opened instanceof SecretBytes) return opened;
  throw describeUnreadable('Nothing was done', [opened]);
};

export const fingerprintOf = (operation: Operation, secret: Secret, value: string): Promise<string> =>
  operation.once(`fingerprint/${secret.id}/${value}`, async () => {
    const key = await operation.keyring.fingerprintKey(operation.stores, secret.organizationId);
    return fingerprint(key, secret.id, Buffer.from(value));
  });
