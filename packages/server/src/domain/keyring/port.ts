/** What a wrapped key is for: sealing values, keying the audit chain, or keying fingerprints of values. */
export type KeyPurpose = 'data' | 'audit' | 'fingerprint';

/** A per-organization key (or the instance's audit key), wrapped by a root key. */
export interface WrappedKey {
  readonly id: string;
  /** An organization's id, or `instance`. */
  readonly organizationId: string;
  readonly purpose: KeyPurpose;
  /** From 1 upward per organization and purpose. */
  readonly generation: number;
  readonly rootKeyId: string;
  readonly wrapped: Uint8Array;
  /** How many values it has sealed; it is retired long before 2^32. */
  readonly seals: number;
  readonly createdAt: number;
  readonly retiredAt: number | null;
}

export interface WrappedKeyStore {
  insert(key: WrappedKey): Promise<void>;
  /** The newest generation. */
  findCurrent(organizationId: string, purpose: KeyPurpose): Promise<WrappedKey | undefined>;
  find(organizationId: string, purpose: KeyPurpose, generation: number): Promise<WrappedKey | undefined>;
  list(after: string | undefined, limit: number): Promise<readonly WrappedKey[]>;
  /** Ids of the root keys that wrap any key. */
  listRootKeyIds(): Promise<readonly string[]>;
  /** Keys that a root key other than this one wraps. */
  countNotWrappedBy(rootKeyId: string): Promise<number>;
  rewrap(id: string, wrapped: Uint8Array, rootKeyId: string): Promise<void>;
  addSeals(id: string, count: number): Promise<void>;
  retire(id: string, at: number): Promise<void>;
  delete(id: string): Promise<void>;
}
