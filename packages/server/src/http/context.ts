import type { LoginContext } from '../domain/sessions/local-login.ts';
import type { Authenticator } from '../domain/guard/authenticator.ts';
import type { Guard } from '../domain/guard/guard.ts';
import type { KnownHead } from '../domain/audit/verify.ts';
import type { StartSettings } from '../domain/workloads/start.ts';
import type { Idempotency } from '../domain/idempotency/remember.ts';
import type { LinkHub } from './link-hub.ts';

/** What the edge says about itself; names and ids only, never a body or a value. */
export interface RequestLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Everything the handlers call into; made once by main. */
export interface House {
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  readonly idempotency: Idempotency;
  readonly logins: Omit<LoginContext, 'origin'>;
  readonly starts: StartSettings;
  readonly links: LinkHub;
  readonly log: RequestLog;
  /** The text with these values masked in it, in every encoding that masking knows. */
  readonly maskText: (text: string, values: readonly string[]) => string;
  readonly findKnownHead: (chain: string) => Promise<KnownHead | undefined>;
  /** A proxy in front tells the caller's address. */
  readonly trustedProxy: boolean;
  /** Largest request body, in bytes. */
  readonly bodyMaxBytes: number;
  readonly isReady: () => Promise<boolean>;
  readonly observe: (request: { route: string; status: number; seconds: number }) => void;
}
