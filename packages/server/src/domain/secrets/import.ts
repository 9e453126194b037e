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
import { checkName } from './name.ts';
import { enterPlace, type Place, type PlaceName } from './place.ts';
import type { Secret } from './port.ts';
import { applyUpdate, checkKindChange } from './update.ts';
import { checkValue } from './value.ts';

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

/** Policy `reused_value: error` undoes the whole import, so every name is told at once. */
const allReused = (names: readonly string[]): CofferError =>
  new CofferError('value_reused', {
    detail: `These values equal the current or an earlier one, so nothing was imported: ${names.join(', ')}.`,
    hint: 'Make new credentials at their issuers, or take these lines out of the file.',
    errors: names.map((name) => ({ secret: name, detail: `the value of ${name} was used before` })),
  });

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

/** An entry that cannot be stored is reported as failed; the others are written all the same. */
const judge = async (
  operation: Operation,
  place: Place,
  use: { plan: Plan; environment: string },
): Promise<CofferError | undefined> => {
  const { entry, known, kind } = use.plan;
  try {
    checkName(entry.name, place.scope, await operation.policy());
    checkValue(entry.value, place.scope);
    if (known !== undefined) {
      const slots = await operation.stores.secrets.listSlots([known.id]);
      const held = slots.filter(({ current }) => current !== null).map(({ environment }) => environment);
      checkKindChange(known, { ...known, kind: kind ?? known.kind }, { written: [use.environment], held });
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
    const slot = input.environment ?? '*';
    const place = await enterPlace(operation, placeName, { intent: 'write', slots: [slot] });
    const environment = await getSlot(operation, slot);
    const plans = await prepare(operation, place, input);
    if (input.onConflict === 'error') refuseTaken(plans);
    const results: Result[] = [];
    const advice: Advice[] = [];
    const reused: string[] = [];
    const stale = new Map<string, SecretImported['stale'][number]>();
    for (const plan of plans) {
      const { name } = plan.entry;
      const outcome = foresee(plan, input.onConflict === 'overwrite');
      const writes = outcome !== 'skipped_blank' && outcome !== 'skipped_existing';
      const problem = writes ? await judge(operation, place, { plan, environment }) : undefined;
      if (problem !== undefined) {
        results.push({ name, outcome: 'failed', code: problem.code, detail: problem.message });
        continue;
      }
      if (writes && input.dryRun !== true) {
        const told = await write(operation, place, { plan, environment }).catch((error: unknown) => {
          if (!(error instanceof CofferError) || error.code !== 'value_reused') throw error;
          reused.push(name);
          return { advice: [], stale: [] };
        });
        for (const workload of told.stale) stale.set(workload.id, workload);
        const worth = told.advice.filter(({ level }) => level === 'warning');
        advice.push(...worth.map((one) => ({ ...one, message: `${name}: ${one.message}` })));
      }
      results.push({ name, outcome });
    }
    if (reused.length > 0) throw allReused(reused);
    const counts: Record<string, number> = {};
    for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
    operation.record({ agent: place.agent, environment, details: { counts, dryRun: input.dryRun === true } });
    return { dryRun: input.dryRun === true, results, counts, stale: [...stale.values()], advice };
  });
