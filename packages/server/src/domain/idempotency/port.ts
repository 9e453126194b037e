/** What a caller's `Idempotency-Key` stood for; kept 24 hours. */
export interface IdempotencyRecord {
  readonly callerId: string;
  readonly route: string;
  readonly key: string;
  /** HMAC of the body under the organization's fingerprint key, hex; then a space and the caller's role. */
  readonly bodyDigest: string;
  /** The answer, or only the id of what was made where the answer carries a value or a key. */
  readonly answer: string;
  readonly status: number;
  readonly createdAt: number;
}

export interface IdempotencyStore {
  find(callerId: string, route: string, key: string): Promise<IdempotencyRecord | undefined>;
  insert(record: IdempotencyRecord): Promise<void>;
  deleteBefore(before: number): Promise<void>;
}
