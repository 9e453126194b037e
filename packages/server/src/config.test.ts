import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

it('R-313 an empty variable opens nothing: plain HTTP beyond loopback stays refused', () => {
  const beyond = { listen: '0.0.0.0:7373' };
  for (const name of ['COFFER_INSECURE_HTTP', 'COFFER_TRUSTED_PROXY'])
    expect(() => readConfig(beyond, { [name]: '' })).toThrow('loopback');
  expect(readConfig(beyond, { COFFER_INSECURE_HTTP: '1' }).insecureHttp).toBe(true);
});
