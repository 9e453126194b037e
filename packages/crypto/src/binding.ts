/** Where a sealed value belongs. `ownerId` is the id of the organization, project or agent of `scope`. */
export interface ValueBinding {
  readonly organizationId: string;
  readonly scope: string;
  readonly ownerId: string;
  readonly secretId: string;
  readonly environment: string;
  readonly version: number;
}

/** Where a wrapped data key belongs. */
export interface DataKeyBinding {
  readonly organizationId: string;
  readonly keyId: string;
  readonly generation: number;
}

/** Where any other wrapped key belongs; the instance's own keys have an `organizationId` of ''. */
export interface PlainKeyBinding {
  readonly organizationId: string;
  readonly keyId: string;
}

/** Where a sealed column outside secret values belongs: the token of a provider, a signing secret. */
export interface ColumnBinding {
  readonly organizationId: string;
  readonly table: string;
  readonly rowId: string;
  readonly column: string;
}

/** Which entry of a cache in process memory this is, and of which change counter. */
export interface CacheBinding {
  readonly organizationId: string;
  readonly entry: string;
  readonly change: number;
}

/** Every purpose bytes are sealed for, and the fields that then bind them. */
export interface Bindings {
  readonly value: ValueBinding;
  readonly data_key: DataKeyBinding;
  readonly audit_key: PlainKeyBinding;
  readonly fingerprint_key: PlainKeyBinding;
  readonly column: ColumnBinding;
  readonly cache: CacheBinding;
}

export type BindingPurpose = keyof Bindings;

// Associated data of everything sealed here. One field after another, each
//
//   4 bytes  length in bytes, big-endian
//   n bytes  UTF-8 text; a number is 8 bytes, unsigned, big-endian
//
// and the fields are: the label below, the purpose, then the purpose's own in the order of this
// table. Lengths in front make the reading unique: no two bindings give the same bytes. A changed
// order, or a further field, needs a further label.
const formatLabel = 'coffer/binding/1';
const fieldOrder: { readonly [Purpose in BindingPurpose]: readonly (keyof Bindings[Purpose])[] } = {
  value: ['organizationId', 'scope', 'ownerId', 'secretId', 'environment', 'version'],
  data_key: ['organizationId', 'keyId', 'generation'],
  audit_key: ['organizationId', 'keyId'],
  fingerprint_key: ['organizationId', 'keyId'],
  column: ['organizationId', 'table', 'rowId', 'column'],
  cache: ['organizationId', 'entry', 'change'],
};

const lengthBytes = 4;
const numberBytes = 8;

const measureField = (field: string | number): number =>
  lengthBytes + (typeof field === 'number' ? numberBytes : Buffer.byteLength(field));

const writeField = (target: Buffer, at: number, field: string | number): number => {
  const size = measureField(field) - lengthBytes;
  target.writeUInt32BE(size, at);
  if (typeof field === 'number') target.writeBigUInt64BE(BigInt(field), at + lengthBytes);
  else target.write(field, at + lengthBytes);
  return at + lengthBytes + size;
};

/** Text with a lone surrogate encodes as if it held U+FFFD, so that two bindings would be one. */
const checkField = (name: string, field: string | number): void => {
  const sound = typeof field === 'string' ? field.isWellFormed() : Number.isSafeInteger(field) && field >= 0;
  if (!sound) throw new TypeError(`The binding field ${name} is not well-formed text or a whole number`);
};

/**
 * The associated data for these fields under this purpose: canonical, and different for any two
 * different purposes or fields. Throws a `TypeError` for ill-formed text or a number that is not whole.
 */
export const encodeBinding = <Purpose extends BindingPurpose>(
  purpose: Purpose,
  fields: Bindings[Purpose],
): Uint8Array => {
  const parts: (string | number)[] = [formatLabel, purpose];
  for (const name of fieldOrder[purpose]) {
    const field = fields[name] as string | number;
    checkField(String(name), field);
    parts.push(field);
  }
  const encoded = Buffer.allocUnsafe(parts.reduce<number>((sum, part) => sum + measureField(part), 0));
  let at = 0;
  for (const part of parts) at = writeField(encoded, at, part);
  return encoded;
};
