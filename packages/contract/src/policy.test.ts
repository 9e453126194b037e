import { describe, expect, it } from 'vitest';
import { roles } from './access.ts';
import { describeAccepted, policySwitches } from './policy.ts';

describe('people_may_run', () => {
  it('R-112 takes the roles that can start something, and says so: no auditor', () => {
    const { accepts } = policySwitches.people_may_run;
    const taken = roles.filter((role) => accepts.safeParse({ development: [role] }).success);
    expect(taken).toEqual(['owner', 'admin', 'member']);
    expect(describeAccepted('people_may_run')).toContain(taken.join(', '));
    expect(JSON.stringify(accepts.toJSONSchema())).not.toContain('auditor');
  });
});
