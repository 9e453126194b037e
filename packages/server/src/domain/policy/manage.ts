import {
  CofferError,
  describeAccepted,
  isPolicySwitch,
  policySwitches,
  policySwitchNames,
  type PolicySwitch,
  type PolicySwitchRecord,
} from '@coffer/contract';
import { getEnvironment } from '../environments/manage.ts';
import type { Caller } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';

export const getPolicy = async (caller: Caller): Promise<Readonly<Record<string, unknown>>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('policy.read');
    return reading.policy();
  });

const unavailable = (name: string, detail: string): CofferError =>
  new CofferError('policy_unavailable', {
    detail,
    hint: isPolicySwitch(name)
      ? `${name} takes: ${describeAccepted(name)}. What is set now: coffer policy get ${name}`
      : `The switches are: ${policySwitchNames.join(', ')}.`,
  });

const namesAuditor = (name: PolicySwitch, value: unknown): boolean =>
  name === 'people_may_run' &&
  Object.values(value ?? {}).some((list) => Array.isArray(list) && list.includes('auditor'));

const parseValue = (name: PolicySwitch, value: unknown): unknown => {
  const { accepts, built } = policySwitches[name];
  const parsed = accepts.safeParse(value);
  if (!parsed.success)
    throw unavailable(
      name,
      namesAuditor(name, value)
        ? 'An auditor cannot start an agent, whatever the policy says.'
        : `The switch ${name} does not take this value.`,
    );
  const builtValues: readonly unknown[] | 'all' = built;
  if (builtValues !== 'all' && !builtValues.includes(parsed.data)) {
    throw unavailable(name, `This release of Coffer does not carry out this value of ${name} yet.`);
  }
  return parsed.data;
};

const checkEnvironments = async (operation: Operation, name: PolicySwitch, value: unknown): Promise<void> => {
  if (name === 'default_environment') await getEnvironment(operation, String(value));
  if (name !== 'people_may_run') return;
  for (const slug of Object.keys(value as object)) await getEnvironment(operation, slug);
};

/** Sets one switch; the event says from what to what. Throws `policy_unavailable`. */
export const setPolicy = async (caller: Caller, name: string, value: unknown): Promise<PolicySwitchRecord> =>
  caller.guard.write(caller, 'policy.set', async (operation) => {
    operation.concerning({ details: { switch: name.slice(0, 64) } });
    await operation.allow('policy.set');
    if (!isPolicySwitch(name)) throw unavailable(name, 'There is no policy switch of this name.');
    const parsed = parseValue(name, value);
    await checkEnvironments(operation, name, parsed);
    const before = (await operation.policy())[name];
    const { stores, organizationId } = operation;
    await stores.policy.save(organizationId, {
      ...(await stores.policy.get(organizationId)),
      [name]: parsed,
    });
    operation.changed();
    operation.record({ details: { switch: name, from: before, to: parsed } });
    return { name, value: parsed, default: policySwitches[name].default };
  });
