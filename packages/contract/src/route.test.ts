import { describe, expect, it } from 'vitest';
import { people } from './access.ts';
import { defineRoute } from './route.ts';
import { routes } from './routes.ts';

const complete = {
  id: 'example',
  method: 'get',
  path: '/example',
  inOrganization: false,
  summary: 'An example',
  success: { status: 204 },
  errors: [],
} as const;

describe('a route', () => {
  it('R-301 that does not say who may call it does not compile', () => {
    expect(defineRoute({ ...complete, access: people }).access).toBe(people);
    // @ts-expect-error without `access` there is no route; where this compiles, the test does not.
    expect(defineRoute(complete)).not.toHaveProperty('access');
  });

  it('R-301 says who may call it, in the contract as it stands', () => {
    for (const { access } of Object.values(routes))
      expect('open' in access || access.callers.length > 0).toBe(true);
  });
});
