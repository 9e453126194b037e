import { describe, expect, it } from 'vitest';
import { environmentRules, inheritEnvironment } from './environment.ts';

const own = {
  PATH: '/bin',
  HOME: '/home/ann',
  LC_ALL: 'C',
  EDITOR: 'vim',
  COFFER_URL: 'http://127.0.0.1:7373',
  COFFER_API_KEY: 'cfr_key_x',
  GITHUB_TOKEN: 'ghp_x',
  npm_config__authToken: 'npm_x',
  AWS_ACCESS_KEY_ID: 'AKIA',
};

describe('R-306 the environment of a started command', () => {
  it('is the caller’s, less COFFER_* and what looks like a credential, and the left out names are told', () => {
    const { variables, leftOut } = inheritEnvironment(own, { mode: 'guarded', passed: [] });
    expect(Object.keys(variables)).toEqual(['PATH', 'HOME', 'LC_ALL', 'EDITOR']);
    expect(leftOut).toEqual([
      'AWS_ACCESS_KEY_ID',
      'COFFER_API_KEY',
      'COFFER_URL',
      'GITHUB_TOKEN',
      'npm_config__authToken',
    ]);
  });

  it.each(environmentRules.credentialWords)('leaves out a name that contains %s, in any case', (word) => {
    const names = { [`MY_${word}_X`]: '1', [word.toLowerCase()]: '2', KEYBOARD: 'us' };
    const { variables } = inheritEnvironment(names, { mode: 'guarded', passed: [] });
    expect(variables).toEqual({ KEYBOARD: 'us' });
  });

  it('lets a named variable through, one by one', () => {
    const { variables, leftOut } = inheritEnvironment(own, { mode: 'guarded', passed: ['GITHUB_TOKEN'] });
    expect(variables['GITHUB_TOKEN']).toBe('ghp_x');
    expect(leftOut).not.toContain('GITHUB_TOKEN');
    expect(leftOut).toContain('AWS_ACCESS_KEY_ID');
  });

  it('inherits all but COFFER_* when told to', () => {
    const { variables, leftOut } = inheritEnvironment(own, { mode: 'inherited', passed: [] });
    expect(variables['GITHUB_TOKEN']).toBe('ghp_x');
    expect(leftOut).toEqual(['COFFER_API_KEY', 'COFFER_URL']);
  });

  it('starts clean with a short list, and what is passed by name', () => {
    const { variables } = inheritEnvironment(own, { mode: 'clean', passed: ['EDITOR'] });
    expect(variables).toEqual({ PATH: '/bin', HOME: '/home/ann', LC_ALL: 'C', EDITOR: 'vim' });
  });
});
