import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClientOptions } from './client-options.ts';
import { storeActiveOrganization, storeLogin } from './stored-login.ts';

const login = {
  url: 'http://127.0.0.1:7373',
  token: 'cfr_ses_x',
  email: 'ann@example.com',
  expiresAt: '2027-01-01T00:00:00.000Z',
};
let folder = '';
let environment: Record<string, string> = {};
const read = (more: Record<string, string> = {}, organization?: string) =>
  readClientOptions({ text: () => organization }, { environment: { ...environment, ...more } });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coffer-config-'));
  environment = { XDG_CONFIG_HOME: folder };
});
afterEach(() => rm(folder, { recursive: true }));

describe('where and as whom a command asks', () => {
  it('nobody is logged in', () => {
    expect(() => read()).toThrow(expect.objectContaining({ code: 'not_authenticated' }));
  });

  it('R-196 COFFER_API_KEY and COFFER_URL win over the stored login', () => {
    storeLogin(environment, login);
    expect(read({ COFFER_API_KEY: 'cfr_key_x', COFFER_URL: 'https://coffer.example.com' })).toEqual({
      baseUrl: 'https://coffer.example.com',
      apiKey: 'cfr_key_x',
      organization: undefined,
    });
  });

  it('the stored login goes to the server that gave it, and to no other', () => {
    storeLogin(environment, login);
    expect(read({ COFFER_URL: 'http://127.0.0.1:7373/' })).toMatchObject({ token: 'cfr_ses_x' });
    expect(() => read({ COFFER_URL: 'http://127.0.0.1:9999' })).toThrow(
      expect.objectContaining({ code: 'not_authenticated' }),
    );
  });

  it('R-173 --org comes before COFFER_ORG, that before the chosen one, and an API key has none of it', () => {
    storeLogin(environment, login);
    storeActiveOrganization(environment, 'chosen');
    expect(read()).toMatchObject({ organization: 'chosen' });
    expect(read({ COFFER_ORG: 'set' })).toMatchObject({ organization: 'set' });
    expect(read({ COFFER_ORG: 'set' }, 'given')).toMatchObject({ organization: 'given' });
    expect(read({ COFFER_API_KEY: 'cfr_key_x' }).organization).toBeUndefined();
  });

  it('a new login forgets the organization chosen before', () => {
    storeLogin(environment, login);
    storeActiveOrganization(environment, 'chosen');
    storeLogin(environment, login);
    expect(read().organization).toBeUndefined();
  });

  it('the stored login is 0600, and refused once others can read it', async () => {
    storeLogin(environment, login);
    const path = join(folder, 'coffer', 'session.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o640);
    expect(() => read()).toThrow('can be read or written by others');
  });
});
