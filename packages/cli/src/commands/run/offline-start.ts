import { CofferError, errorTable } from '@coffer/contract/errors';
import type { ClientOptions } from '@coffer/sdk';
import { type StartedWorkload, reportOfflineStart } from '@coffer/sdk/runner';
import type { Delivery } from '../../process/supervise.ts';
import { countOf } from '../../terminal/count-of.ts';
import {
  type KeptPlace,
  dropDeliveries,
  dropDelivery,
  endOf,
  findKeptDelivery,
  keepDelivery,
  sweepDeliveries,
} from './kept-delivery.ts';
import { dropNote, findNote, listNotes, writeNote } from './offline-note.ts';

/** A start without the server needs an API key, which its key is derived from. */
export interface OfflinePlace {
  readonly folder: string;
  readonly client: ClientOptions;
  readonly kept: KeptPlace;
}

/** What a start with the server says that concerns a later one without it. */
export interface OnlineStart extends Pick<StartedWorkload, 'offline'> {
  readonly workload: Pick<StartedWorkload['workload'], 'id' | 'agent' | 'environment'>;
  readonly variables: Delivery['variables'];
}

interface Moment {
  readonly now: number;
  readonly say: Say;
}
type Say = (line: string) => void;

/** A start that was granted does not wait longer for a report of earlier ones. */
const reportSeconds = 5;
/** The answers after which nobody may start with what was kept for this API key, for whatever agent. */
const endsKeeping = [
  'not_authenticated',
  'forbidden',
  'run_forbidden',
  'agent_not_found',
  'environment_not_found',
  'organization_not_found',
];

/**
 * After a start with the server: tells of starts without it, sweeps what is past its age, and keeps the
 * delivery as policy allows. That any of it does not work is said, and never fails the start.
 */
export async function settleStart(
  place: OfflinePlace,
  started: OnlineStart,
  { now, say }: Moment,
): Promise<void> {
  await reportNotes(place, say);
  sayUndeleted(
    tryTo(() => sweepDeliveries(place.folder, now)),
    say,
  );
  const { offline, workload, variables } = started;
  if (offline === null) {
    forgetAll(place, say);
    return;
  }
  const delivery = {
    workloadId: workload.id,
    agent: workload.agent,
    environment: workload.environment,
    deliveredAt: now,
    hours: offline.hours,
    variables: variables.filter(({ name }) => !offline.except.includes(name)),
  };
  const failed = tryTo(() => keepDelivery(place.folder, place.kept, delivery));
  if (failed !== undefined) say(`cannot keep this delivery for offline starts (${failed})`);
}

/** An answer that takes the right to start away deletes all that was kept for the API key. */
export function forgetWhereRefused(place: OfflinePlace, failure: unknown, say: Say): void {
  if (failure instanceof CofferError && endsKeeping.includes(failure.code)) forgetAll(place, say);
}

/**
 * What was kept, where the server cannot be reached and it is not past its age; else the failure of the
 * start goes on, as where this start cannot be noted for the audit trail.
 */
export function startOffline(place: OfflinePlace, failure: unknown, { now, say }: Moment): Delivery {
  if (!(failure instanceof CofferError) || failure.code !== 'server_unreachable') throw failure;
  const kept = findKeptDelivery(place.folder, place.kept);
  if (kept === undefined) throw failure;
  const { agent, environment, workloadId, deliveredAt, hours, variables } = kept;
  if (now < deliveredAt || now > endOf(kept)) {
    sayUndeleted(
      tryTo(() => dropDelivery(place.folder, place.kept)),
      say,
    );
    throw failure;
  }
  const startedAt = new Date(now).toISOString();
  const note = { agent, environment, startedAt, deliveredBy: workloadId };
  const failed = tryTo(() => writeNote(place.folder, place.kept, note));
  if (failed !== undefined) {
    say(`cannot note an offline start for the audit trail (${failed})`);
    throw failure;
  }
  const minutes = Math.round((now - deliveredAt) / 60_000);
  say(
    `the server cannot be reached; starting with what it delivered ${countOf(minutes, 'minute')} ago (policy offline_start: ${hours} h)`,
  );
  return { variables, link: noLink };
}

/** Nobody to talk to: the start is told of at the next one that reaches the server. */
const noLink: Delivery['link'] = {
  listen: () => undefined,
  end: () => Promise.resolve(false),
  close: () => undefined,
};

async function reportNotes({ folder, client, kept }: OfflinePlace, say: Say): Promise<void> {
  for (const id of listNotes(folder, kept)) {
    const note = findNote(folder, kept, id);
    if (note !== undefined) {
      const reporter = { ...client, timeoutSeconds: reportSeconds };
      // Starts at the same time report the same notes: the key has the server enter each once.
      const failure = await reportOfflineStart(reporter, { ...note, idempotencyKey: id }).catch(toError);
      if (failure?.code === 'idempotency_conflict') continue;
      if (failure !== undefined && errorTable[failure.code].retry) {
        say(
          `an earlier offline start is not reported yet, and will be at the next start: ${failure.message}`,
        );
        return;
      }
      if (failure !== undefined) {
        say(
          `the server does not take the report of an offline start at ${note.startedAt}: ${failure.message}`,
        );
      }
    }
    const failed = tryTo(() => dropNote(folder, kept, id));
    if (failed !== undefined) say(`cannot delete the note of an offline start (${failed})`);
  }
}

const toError = (failure: unknown): CofferError => {
  if (failure instanceof CofferError) return failure;
  throw failure;
};

const forgetAll = ({ folder, kept }: OfflinePlace, say: Say): void =>
  sayUndeleted(
    tryTo(() => dropDeliveries(folder, kept)),
    say,
  );

function sayUndeleted(failed: string | undefined, say: Say): void {
  if (failed !== undefined) say(`cannot delete what was kept for offline starts (${failed})`);
}

/** Why a file cannot be written or deleted; undefined where it was. */
function tryTo(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    if (code === undefined) throw failure;
    return code;
  }
}
