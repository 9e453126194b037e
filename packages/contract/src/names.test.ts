import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isReservedVariableName,
  isSecretName,
  isSlug,
  isVariableName,
  nearestName,
  nearestSlug,
  reservedVariableNames,
} from './names.ts';

describe('the name table', () => {
  it('R-013 a secret’s name is 1 to 128 letters, digits, _ and -, and starts with a letter or _', () => {
    for (const name of ['a', '_', 'A-b_9', 'x'.repeat(128)])
      expect([name, isSecretName(name)]).toEqual([name, true]);
    for (const name of ['', '-a', '9a', 'a b', 'a.b', 'é', 'a\n', 'x'.repeat(129)])
      expect([name, isSecretName(name)]).toEqual([name, false]);
  });

  it('R-016 a variable’s name has no hyphen', () => {
    expect([isVariableName('A_B'), isVariableName('A-B'), isVariableName('A_B\n')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('R-027 a slug is lower case, with single hyphens inside', () => {
    for (const slug of ['a', 'a-b', '0', 'x'.repeat(63)]) expect([slug, isSlug(slug)]).toEqual([slug, true]);
    for (const slug of ['', '-a', 'a-', 'a--b', 'A', 'a_b', 'x'.repeat(64)])
      expect([slug, isSlug(slug)]).toEqual([slug, false]);
  });

  it('a long slug is judged in no time', () => {
    const before = performance.now();
    isSlug(`${'a-'.repeat(31)}-`);
    isSlug(`${'a'.repeat(62)}_`);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('R-303 reserved are the names listed and all that start with a reserved prefix, in their case', () => {
    for (const name of reservedVariableNames.names)
      expect([name, isReservedVariableName(name)]).toEqual([name, true]);
    for (const prefix of reservedVariableNames.prefixes)
      expect(isReservedVariableName(`${prefix}ANY`)).toBe(true);
    for (const name of ['npm_config_node_options', 'NPM_CONFIG_SCRIPT_SHELL', 'Npm_Config_Prefix'])
      expect([name, isReservedVariableName(name)]).toEqual([name, true]);
    for (const name of ['OPENAI_API_KEY', 'path', 'MY_PATH', 'NPM_TOKEN', 'GIT_TOKEN', 'GITHUB_TOKEN'])
      expect(isReservedVariableName(name)).toBe(false);
  });

  it('R-283 the nearest name is valid, and a valid name is its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (typed, allowHyphen) => {
        const near = nearestName(typed, allowHyphen);
        if (near !== undefined) expect(allowHyphen ? isSecretName(near) : isVariableName(near)).toBe(true);
      }),
    );
    expect(nearestName('stripe api-key', false)).toBe('stripe_api_key');
    expect(nearestName('stripe api-key', true)).toBe('stripe_api-key');
    expect(nearestName('!!!', true)).toBeUndefined();
  });

  it('the nearest slug is valid, and a valid slug is its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (typed) => {
        const near = nearestSlug(typed);
        if (near !== undefined) expect(isSlug(near)).toBe(true);
        if (isSlug(typed)) expect(near).toBe(typed);
      }),
    );
    expect(nearestSlug(' Bad Org! ')).toBe('bad-org');
    expect(nearestSlug(`${'a'.repeat(62)}-b`)).toBe('a'.repeat(62));
    expect(nearestSlug('!!!')).toBeUndefined();
  });
});
