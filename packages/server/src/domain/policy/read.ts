import {
  defaultPolicy,
  isPolicySwitch,
  policySwitches,
  type OrganizationId,
  type Policy,
} from '@coffer/contract';
import type { Stores } from '../stores.ts';

/** The organization's policy: what was changed, over the defaults. A stored value that no longer fits counts as unset. */
export const readPolicy = async (stores: Stores, organizationId: OrganizationId): Promise<Policy> => {
  const changed = await stores.policy.get(organizationId);
  const policy: Record<string, unknown> = { ...defaultPolicy() };
  for (const [name, value] of Object.entries(changed)) {
    if (!isPolicySwitch(name)) continue;
    const parsed = policySwitches[name].accepts.safeParse(value);
    if (parsed.success) policy[name] = parsed.data;
  }
  return policy as Policy;
};
