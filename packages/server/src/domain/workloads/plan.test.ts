import { encodeBinding, seal } from '@coffer/crypto';
import { describe, expect, it } from 'vitest';
import { PlanCache, type StartPlan } from './plan.ts';

const cache = new PlanCache();
const organizationId = 'org_1';

/** A plan of one place and one state of the change counter, with a bundle sealed for `sealedFor`. */
const planOf = ({ place, sealedFor }: { place: string; sealedFor: string }): StartPlan => {
  const key = cache.sealingKey();
  const binding = encodeBinding('cache', { organizationId, entry: sealedFor, change: 1 });
  return {
    // Of all that a plan has, what the bundle is bound to.
    ...({ agent: { organizationId } } as StartPlan),
    ...{ place, changes: 1, bundleKey: key, bundle: seal(key, Buffer.from('["given"]'), binding) },
  };
};

describe('the bundle of a plan', () => {
  it('is opened once for the starts that are answered together, and forgotten right after', async () => {
    const plan = planOf({ place: 'bot/production', sealedFor: 'bot/production' });
    expect(cache.openBundle(plan)).toBe('["given"]');
    plan.bundle.fill(0);
    expect(cache.openBundle(plan)).toBe('["given"]');
    await Promise.resolve();
    expect(() => cache.openBundle(plan)).toThrow('does not open');
  });

  it('does not open in the place of another, also beside one that does', () => {
    cache.openBundle(planOf({ place: 'bot/production', sealedFor: 'bot/production' }));
    const moved = planOf({ place: 'bot/production', sealedFor: 'bot/development' });
    expect(() => cache.openBundle(moved)).toThrow('does not open');
  });
});
