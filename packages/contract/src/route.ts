import type { z } from 'zod';
import type { Access } from './access.ts';
import type { ErrorCode } from './errors.ts';

/** What makes a write conditional; a route that does not list one refuses a request that carries it. */
export const conditionHeaders = ['If-Match', 'Idempotency-Key'] as const;
export type ConditionHeader = (typeof conditionHeaders)[number];

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * One thing a caller can ask over HTTP. `path` comes after `/v1`; a route `inOrganization` answers at
 * `/v1/organizations/{organization}<path>` too, and there the organization is named instead of implied.
 * `access` has no default: a route that does not say who may call it does not compile.
 */
export interface Route {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly inOrganization: boolean;
  readonly access: Access;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly headers?: readonly ConditionHeader[];
  readonly success: { readonly status: 200 | 201 | 204; readonly body?: z.ZodType };
  /** What it refuses with beyond what every route can (authentication, shape, size, keys, storage). */
  readonly errors: readonly ErrorCode[];
  /** Set where the answer must never be kept by a cache or an idempotency record. */
  readonly carriesValues?: true;
}

export const defineRoute = <const Definition extends Route>(definition: Definition): Definition => definition;
