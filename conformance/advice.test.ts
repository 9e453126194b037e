import type { SecretChanges } from '@coffer/sdk';
import { createTeam, refusalOf, startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, newAgent } = await createTeam(server);
afterAll(() => server.close());

const vault = { organization: true } as const;
type Fields = Parameters<typeof owner.secrets.create>[3];

/** The codes a new secret's answer advises with. */
const advised = async (name: string, value: string, fields: Fields = {}): Promise<string[]> => {
  const agent = await newAgent();
  const { advice } = await owner.secrets.create(agent, name, value, { description: 'Described', ...fields });
  return advice.map(({ code }) => code);
};

/** The codes a change's answer advises with. */
const advisedOnChange = async (agent: string, name: string, changes: SecretChanges): Promise<string[]> => {
  const { advice } = await owner.secrets.update(agent, name, changes);
  return advice.map(({ code }) => code);
};

const good = 'a-value-that-says-nothing';

describe('what a write advises, and does all the same', () => {
  it('R-280 a name in another style than policy prefers is told, or refused where policy says so', async () => {
    await owner.policy.set('name_style', 'upper_snake');
    expect(await advised('openai_api_key', good)).toContain('name_style');
    expect(await advised('OPENAI_API_KEY', good)).not.toContain('name_style');
    await owner.policy.set('name_style_level', 'error');
    const agent = await newAgent();
    const refused = refusalOf(owner.secrets.create(agent, 'openai_api_key', good));
    expect(await refused).toMatchObject({ code: 'name_invalid' });
    await owner.policy.set('name_style', 'any');
    await owner.policy.set('name_style_level', 'warn');
    await owner.secrets.create(agent, 'openai_api_key', good);
  });

  it('R-281 R-282 names that do not say which service they are for are told', async () => {
    for (const name of ['KEY1', 'token1', 'SECRET', 'API_KEY'])
      expect([name, await advised(name, good)]).toEqual([name, ['name_not_descriptive']]);
    for (const name of ['OPENAI_API_KEY', 'twilio_account_sid'])
      expect(await advised(name, good)).toEqual([]);
  });

  it('R-283 a name with spaces or signs is refused, and the nearest valid one offered', async () => {
    const agent = await newAgent();
    const offered = {
      'my key': 'my_key',
      'stripe.api/key!': 'stripe_api_key',
      '1password': '_1password',
      'trailing-': undefined,
    };
    for (const [name, near] of Object.entries(offered)) {
      const refused = await refusalOf(owner.secrets.set(agent, name, good));
      expect(['name_invalid', 'env_name_invalid']).toContain(refused.code);
      if (near !== undefined) expect(refused.hint).toContain(near);
    }
  });

  it('R-284 a secret without a description is asked for one', async () => {
    expect(await advised('STRIPE_KEY', good, { description: '' })).toContain('description_missing');
  });

  it('a description that holds a credential is told', async () => {
    const description = 'use sk_live_0123456789abcdef for billing';
    expect(await advised('STRIPE_KEY', good, { description })).toContain('description_looks_secret');
  });

  it('R-276 values that look damaged or like a placeholder are told, and stored as given', async () => {
    const damaged = ['"quoted-value"', ' spaces-around ', 'line-break-at-the-end\n', 'Bearer abcdefghijkl'];
    for (const value of damaged) {
      const agent = await newAgent();
      const { advice } = await owner.secrets.create(agent, 'STRIPE_KEY', value);
      expect(advice.map(({ code }) => code)).toContain('value_looks_damaged');
      expect(await owner.deliver(agent)).toEqual({ STRIPE_KEY: value });
    }
    for (const value of ['your-key-here', '<your key>', 'changeme', 'xxxxxxxx'])
      expect([value, await advised('STRIPE_KEY', value)]).toEqual([value, ['value_looks_like_placeholder']]);
  });

  it('R-292 the same value in several environments is hinted at', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'STRIPE_KEY', good, { environment: 'staging' });
    const { advice } = await owner.secrets.set(agent, 'STRIPE_KEY', good, { environment: 'production' });
    expect(advice.map(({ code }) => code)).toContain('same_value_in_environments');
  });

  it('R-293 a test key in production and a live key elsewhere are told', async () => {
    const at = (environment: string) => ({ environment });
    expect(await advised('STRIPE_KEY', 'sk_test_0123456789', at('production'))).toContain(
      'test_value_in_production',
    );
    expect(await advised('STRIPE_KEY', 'sk_live_0123456789', at('development'))).toContain(
      'live_value_elsewhere',
    );
    expect(await advised('STRIPE_KEY', 'sk_live_0123456789', at('production'))).toEqual([]);
    expect(await advised('STRIPE_KEY', 'sk_test_0123456789', at('staging'))).toEqual([]);
  });

  it('R-294 a plain secret that looks like a credential is told, by its name and by its value', async () => {
    expect(await advised('STRIPE_SECRET', 'eu-west-1', { kind: 'plain' })).toContain('plain_looks_secret');
    expect(await advised('REGION', 'ghp_0123456789abcdef', { kind: 'plain' })).toContain(
      'plain_looks_secret',
    );
    expect(await advised('REGION', 'eu-west-1', { kind: 'plain' })).toEqual([]);
  });

  it('R-294 a sealed value that is a boolean, a short number or a region gets a hint', async () => {
    for (const value of ['true', '8080', 'eu-west-1'])
      expect(await advised('STRIPE_MODE', value)).toContain('sealed_looks_plain');
  });

  it('R-300 the defaults are the safe choice', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'STRIPE_KEY', good);
    expect(await owner.secrets.get(agent, 'STRIPE_KEY')).toMatchObject({ kind: 'sealed' });
    expect(await owner.policy.get()).toMatchObject({
      reveal: 'never',
      check: 'off',
      delete: 'confirm',
      offline_start: 'off',
      unmasked_runs: 'development',
      people_may_run: { development: ['owner', 'admin'] },
    });
  });

  it('R-274 an expiry in the past is told when it is given, and with each value after it', async () => {
    const expired = 'credential_expired';
    const past = { expiresAt: '2020-01-31T00:00:00.000Z' };
    expect(await advised('STRIPE_KEY', good, past)).toEqual([expired]);
    expect(await advised('STRIPE_KEY', good, { expiresAt: '2900-01-31T00:00:00.000Z' })).toEqual([]);
    const agent = await newAgent();
    const codes = (changes: SecretChanges) => advisedOnChange(agent, 'STRIPE_KEY', changes);
    await owner.secrets.create(agent, 'STRIPE_KEY', good);
    expect(await codes(past)).toEqual([expired]);
    expect(await codes({ tags: ['billing'] })).toEqual([]);
    expect(await codes({ value: 'a-value-that-came-later' })).toEqual([expired]);
    expect(await codes({ expiresAt: null })).toEqual([]);
    expect(await owner.deliver(agent)).toEqual({ STRIPE_KEY: 'a-value-that-came-later' });
  });

  it('R-024 a brokered secret is told to arrive as a placeholder that nothing swaps in this release', async () => {
    const warned = 'gateway_unavailable';
    expect(await advised('STRIPE_KEY', good, { exposure: 'broker' })).toEqual([warned]);
    const agent = await newAgent();
    const codes = (changes: SecretChanges) => advisedOnChange(agent, 'STRIPE_KEY', changes);
    await owner.secrets.create(agent, 'STRIPE_KEY', good);
    expect(await codes({ exposure: 'broker' })).toEqual([warned]);
    expect(await codes({ value: 'a-value-that-came-later' })).toEqual([]);
    expect(await codes({ exposure: 'env', value: 'a-value-that-came-last' })).toEqual([]);
  });

  it('R-154 R-284 the vault gives the same advice', async () => {
    const { advice } = await owner.secrets.create(vault, 'token', good);
    expect(advice.map(({ code }) => code)).toEqual(['name_not_descriptive', 'description_missing']);
  });
});
