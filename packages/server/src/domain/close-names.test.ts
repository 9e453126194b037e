import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeNames } from './close-names.ts';

describe('names close to the one that was asked for (R-269)', () => {
  it('R-269 one that differs only in case comes first', () => {
    expect(closeNames('api_key', ['APl_KEY', 'api_kex', 'API_KEY'])[0]).toBe('API_KEY');
  });

  it('R-269 a typing mistake is close, another word is not', () => {
    expect(closeNames('STRIPE_KEI', ['STRIPE_KEY', 'OPENAI_KEY'])).toEqual(['STRIPE_KEY']);
    expect(closeNames('ABC', ['XYZ'])).toEqual([]);
  });

  it('at most three are offered, each of them one that exists', () => {
    const name = fc.stringMatching(/^[A-D_]{1,6}$/);
    fc.assert(
      fc.property(name, fc.uniqueArray(name), (asked, names) => {
        const close = closeNames(asked, names);
        expect(close.length).toBeLessThanOrEqual(3);
        for (const one of close) expect(names).toContain(one);
      }),
    );
  });
});
