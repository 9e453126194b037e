import { defaultPolicy, type Kind } from '@coffer/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviseOnName, adviseOnValue } from './advice.ts';

const codesOf = (value: string, environment = '*', kind: Kind = 'sealed'): readonly string[] =>
  adviseOnValue(value, { environment, kind }).map(({ code }) => code);
const nameCodes = (fields: Partial<Parameters<typeof adviseOnName>[0]>, style = defaultPolicy()) =>
  adviseOnName(
    { name: 'STRIPE_API_KEY', description: 'charges cards', kind: 'sealed', ...fields },
    style,
  ).map(({ code }) => code);

describe('what a value makes worth saying', () => {
  it('a sound value says nothing', () => {
    for (const value of [
      'postgres://app:pw@db/root',
      'sk_live_0123456789abcdefwxyz',
      'correct horse battery staple',
      '-----BEGIN KEY-----\nx\n-----END KEY-----\n',
    ])
      expect(codesOf(value)).toEqual([]);
  });

  it.each([
    { told: 'R-087 a value too short to mask', value: 'ab1$x', code: 'value_too_short_to_mask' },
    { told: 'R-276 quotes around it', value: '"sk_live_0123456789"', code: 'value_looks_damaged' },
    { told: 'R-276 single quotes around it', value: "'sk_live_0123456789'", code: 'value_looks_damaged' },
    { told: 'R-276 a line break at its end', value: 'sk_live_0123456789\n', code: 'value_looks_damaged' },
    { told: 'R-276 spaces around it', value: ' sk_live_0123456789', code: 'value_looks_damaged' },
    { told: 'R-276 a scheme in front', value: 'Bearer sk_live_0123456789', code: 'value_looks_damaged' },
    { told: 'R-216 a placeholder', value: 'your-api-key', code: 'value_looks_like_placeholder' },
    { told: 'R-216 one in angle brackets', value: '<insert key>', code: 'value_looks_like_placeholder' },
    { told: 'R-287 an admin key', value: 'sk-ant-admin01-0123456789', code: 'value_looks_like_admin' },
    { told: 'R-287 a database’s root user', value: 'mysql://root:pw@db/app', code: 'value_looks_like_admin' },
    { told: 'R-294 a sealed boolean', value: 'true', code: 'sealed_looks_plain' },
    { told: 'R-294 a sealed region', value: 'eu-central-1', code: 'sealed_looks_plain' },
  ])('$told is told', ({ value, code }) => {
    expect(codesOf(value)).toContain(code);
  });

  it('R-293 a test key in production and a live key elsewhere are told; in * neither is', () => {
    expect(codesOf('sk_test_0123456789abcdef', 'production')).toContain('test_value_in_production');
    expect(codesOf('sk_test_0123456789abcdef', 'staging')).toEqual([]);
    expect(codesOf('sk_live_0123456789abcdef', 'staging')).toContain('live_value_elsewhere');
    expect(codesOf('sk_live_0123456789abcdef', 'production')).toEqual([]);
    expect(codesOf('sk_live_0123456789abcdef', '*')).toEqual([]);
  });

  it('R-294 a variable that looks like a credential is told, and a short one is not too short', () => {
    expect(codesOf('sk_live_0123456789abcdef', '*', 'plain')).toContain('plain_looks_secret');
    expect(codesOf('eu', '*', 'plain')).toEqual([]);
  });

  it('R-267 no advice ever repeats the value', () => {
    const kinds = fc.constantFrom<Kind>('sealed', 'plain');
    const value = fc
      .tuple(fc.constantFrom('', '"', 'Bearer ', 'sk_test_', 'your-', ' '), fc.uuid())
      .map(([before, core]) => ({ core, value: `${before}${core}${before}` }));
    fc.assert(
      fc.property(value, kinds, fc.constantFrom('*', 'staging', 'production'), (given, kind, environment) => {
        const said = JSON.stringify(adviseOnValue(given.value, { environment, kind }));
        expect(said).not.toContain(given.core);
      }),
    );
  });
});

describe('what a name and a description make worth saying', () => {
  it('a name that says its service, with a description, says nothing', () => {
    expect(nameCodes({})).toEqual([]);
  });

  it('R-280 a name of another style than the policy’s is told', () => {
    const lower = { ...defaultPolicy(), name_style: 'lower_snake' as const };
    expect(nameCodes({}, lower)).toEqual(['name_style']);
    expect(nameCodes({ name: 'stripe_api_key' }, lower)).toEqual([]);
  });

  it.each(['KEY1', 'token1', 'SECRET', 'API_KEY', 'my_token'])(
    'R-281 R-282 %s says no service, and is told with examples',
    (name) => {
      const [advice] = adviseOnName({ name, description: 'of something', kind: 'sealed' }, defaultPolicy());
      expect(advice).toMatchObject({ code: 'name_not_descriptive', level: 'hint' });
      expect(advice?.message).toContain('OPENAI_API_KEY');
    },
  );

  it('R-284 an empty description is nudged at, one that holds a credential is warned of', () => {
    expect(nameCodes({ description: '' })).toEqual(['description_missing']);
    expect(nameCodes({ description: 'the key is sk_live_0123456789abcdef' })).toEqual([
      'description_looks_secret',
    ]);
  });

  it('R-294 a variable named like a credential is told', () => {
    expect(nameCodes({ kind: 'plain' })).toEqual(['plain_looks_secret']);
    expect(nameCodes({ kind: 'plain', name: 'REGION' })).toEqual([]);
  });
});
