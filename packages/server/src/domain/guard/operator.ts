import type { OperatorCaller } from './caller.ts';
import type { Guard } from './guard.ts';

/** Whoever works on the server's own host with its data directory and root key, and the server's own jobs. */
export const operatorOf = (
  guard: Guard,
  organizationId: OperatorCaller['organizationId'],
): OperatorCaller => ({
  type: 'operator',
  guard,
  origin: { address: null, requestId: null },
  organizationId,
  organizationSlug: null,
  accessChanges: 0,
  tokenHash: '',
  expiresAt: Number.MAX_SAFE_INTEGER,
  rememberedAs: '',
});
