import type { Authenticator } from '../domain/guard/authenticator.ts';
import type { Guard } from '../domain/guard/guard.ts';

/** What jobs work with. */
export interface JobParts {
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  readonly log: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}
