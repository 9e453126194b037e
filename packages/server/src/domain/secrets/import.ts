import {
  CofferError,
  type Advice,
  type Kind,
  type SecretImport,
  type SecretImported,
} from '@coffer/contract';
import { getSlot } from '../environments/manage.ts';
import type { Caller } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';
import { insertSecret } from './create.ts';
import type { Found } from './find.ts';
import { checkName } from './name.ts';
import { enterPlace, type Place, type PlaceName } from './place.ts';
import type { Secret } from './port.ts';
import { applyUpdate, checkKindChange } from './update.ts';
import { findReuse, refusesReuse, valueReused } from './reuse.ts';
import { checkValue, fingerprintOf } from './value.ts';

type Entry = SecretImport['entries'][number];
type Result = SecretImported['results'][number];
interface Plan {
  readonly entry: Entry;
  readonly kind: Kind | undefined;
  readonly known: Secret | undefined;
}

const prepare = async (operation: Operation, place: Place, input: SecretImport): Promise<readonly Plan[]> => {
  const plans = new Map<string, Plan>();
  const plainNames = new Set(input.plainNames);
  for (const entry of input.entries) {
    const known = await operation.stores.secrets.findByName(place.ownerId, entry.name);
    const kind = plainNames.has(entry.name) ? 'plain' : input.kind;
    plans.set(entry.name, { entry, kind, known });
  }
  return [...plans.values()];
};

const refuseTaken = (plans: readonly Plan[]): void => {
  const taken = plans.filter(({ known, entry }) => known !== undefined && entry.value !== '');
  if (taken.length === 0) return;
  throw new CofferError('secret_exists', {
    detail: 'Some of the names are taken, so nothing was imported.',
    hint: 'Leave them as they are with --on-conflict skip, or write new versions with --overwrite.',
    errors: taken.map(({ entry }) => ({ secret: entry.name, detail: `${entry.name} exists` })),
  });
};

const foresee = (plan: Plan, overwrite: boolean): Result['outcome'] => {
  if (plan.entry.value === '') return 'skipped_blank';
  if (plan.known !== undefined) return overwrite ? 'overwritten' : 'skipped_existing';
  return plan.kind === 'plain' ? 'imported_variable' : 'imported_secret';
};

const write = async (
  operation: Operation,
  place: Place,
  use: { plan: Plan; environment: string },
): Promise<Pick<SecretImported, 'advice' | 'stale'>> => {
  const { plan, environment } = use;
  const { name, value } = plan.entry;
  const kind = plan.kind === undefined ? {} : { kind: plan.kind };
  if (plan.known === undefined) {
    const written = await insertSecret(operation, place, {
      name,
      input: { value, environment, ...kind },
      change: 'import',
      action: 'secret.import',
    });
    return { advice: written?.advice ?? [], stale: [] };
  }
  const found = { secret: plan.known, place };
  return applyUpdate(operation, found, {
    input: { value, environment, ...kind },
    action: 'secret.import',
  });
};

/** The trail has it with its secret, beside the event of the import. */
const recordReused = (operation: Operation, { secret, place }: Found, environment: string): CofferError => {
  const error = valueReused(secret);
  operation.recordFailure(error.code, {
    ...{ secret, agent: place.agent, environment },
    details: { reused: true },
  });
  return error;
};

/** An entry that cannot be stored is reported as failed; the others are written all the same. */
const judge = async (
  operation: Operation,
  place: Place,
  use: { plan: Plan; environment: string; dryRun: boolean },
): Promise<CofferError | undefined> => {
  const { plan, environment, dryRun } = use;
  const { entry, known, kind } = plan;
  try {
    checkName(entry.name, place.scope, await operation.policy());
    checkValue(entry.value, place.scope);
    if (known !== undefined) {
      const slots = await operation.stores.secrets.listSlots([known.id]);
      const held = slots.filter(({ current }) => current !== null).map(({ environment }) => environment);
      checkKindChange(known, { ...known, kind: kind ?? known.kind }, { written: [environment], held });
      // A dry run would be an answer that nothing is written for.
      if (!dryRun && (await refusesReuse(operation))) {
        const found = { secret: known, place };
        const fingerprint = await fingerprintOf(operation, known, entry.value);
        const reuse = await findReuse(operation, found, { environment, fingerprint });
        if (reuse === 'here') return recordReused(operation, found, environment);
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof CofferError) return error;
    throw error;
  }
};

/** Writes many values in one transaction, with a line for each in the answer. */
export const importSecrets = async (
  caller: Caller,
  placeName: PlaceName,
  input: SecretImport,
): Promise<SecretImported> =>
  caller.guard.write(caller, 'secret.import', async (operation) => {
    const { dryRun = false } = input;
    const slot = input.environment ?? '*';
    const place = await enterPlace(operation, placeName, { intent: 'write', slots: [slot] });
    const environment = await getSlot(operation, slot);
    const plans = await prepare(operation, place, input);
    if (input.onConflict === 'error') refuseTaken(plans);
    const results: Result[] = [];
    const advice: Advice[] = [];
    const stale = new Map<string, SecretImported['stale'][number]>();
    for (const plan of plans) {
      const { name } = plan.entry;
      const outcome = foresee(plan, input.onConflict === 'overwrite');
      const writes = outcome !== 'skipped_blank' && outcome !== 'skipped_existing';
      const problem = writes ? await judge(operation, place, { plan, environment, dryRun }) : undefined;
      if (problem !== undefined) {
        results.push({ name, outcome: 'failed', code: problem.code, detail: problem.message });
        continue;
      }
      if (writes && !dryRun) {
        const told = await write(operation, place, { plan, environment });
        for (const workload of told.stale) stale.set(workload.id, workload);
        const worth = told.advice.filter(({ level }) => level === 'warning');
        advice.push(...worth.map((one) => ({ ...one, message: `${name}: ${one.message}` })));
      }
      results.push({ name, outcome });
    }
    const counts: Record<string, number> = {};
    for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
    operation.record({ agent: place.agent, environment, details: { counts, dryRun } });
    return { dryRun, results, counts, stale: [...stale.values()], advice };
  });
