import type { CofferError } from '@coffer/contract/errors';

/** What the server asks of whoever holds the process. An error thrown here is the program's own. */
export interface LinkListener {
  /** Stop the process; said once. */
  readonly stop?: () => void;
  /** Stop the process and start a new workload in its place; said once. */
  readonly restart?: () => void;
  /** These secrets have newer versions than the process was given; said when one becomes so, or gets a further version. */
  readonly rotated?: (stale: readonly string[]) => void;
  /** The server no longer knows this workload (401 or 404), so that nothing more will be said. */
  readonly closed?: (error: CofferError) => void;
}
