import { describe, expect, it } from 'vitest';
import { CofferError } from '@coffer/contract/errors';
import { createClient } from './client.ts';
import type { ClientOptions } from './connection.ts';

function refusalOf(options: ClientOptions): CofferError {
  try {
    createClient(options);
  } catch (error) {
    if (error instanceof CofferError) return error;
  }
  throw new Error('was not refused with a CofferError');
}

describe('R-313 the address that credentials go to', () => {
  it.each([
    'http://127.0.0.1:7373',
    'http://127.8.9.1',
    'http://localhost:7373/',
    'http://[::1]:7373',
    'https://coffer.example.com',
    'https://10.0.0.7/coffer',
  ])('%s is used', (baseUrl) => {
    expect(() => createClient({ baseUrl, apiKey: 'cfr_key_a' })).not.toThrow();
  });

  it.each([
    'http://coffer.example.com',
    'http://10.0.0.7:7373',
    'http://0.0.0.0:7373',
    'http://coffer.localhost',
    'http://localhost.',
    'http://127.example.com',
    'http://[::ffff:10.0.0.7]',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://[::2]',
  ])('%s is refused: plain http, and not loopback', (baseUrl) => {
    const refusal = refusalOf({ baseUrl, apiKey: 'cfr_key_a' });
    expect(refusal.code).toBe('usage_error');
    expect(refusal.message).toContain(new URL(baseUrl).host);
  });

  it.each(['coffer.example.com', 'ftp://127.0.0.1', 'file:///etc/passwd', ''])(
    '%s is no address',
    (baseUrl) => {
      expect(refusalOf({ baseUrl }).code).toBe('usage_error');
    },
  );

  it.each([
    'https://me:hunter2@coffer.example.com',
    'https://hunter2@coffer.example.com',
    'https://coffer.example.com/?key=hunter2',
    'https://coffer.example.com/#hunter2',
  ])('a credential in the address is refused and not repeated', (baseUrl) => {
    const refusal = refusalOf({ baseUrl });
    expect(refusal.code).toBe('usage_error');
    expect(`${refusal.message} ${String(refusal.hint)}`).not.toContain('hunter2');
  });
});

describe('R-218 the credential', () => {
  it('is an API key or a token, not both', () => {
    expect(refusalOf({ apiKey: 'cfr_key_a', token: 'cfr_ses_a' }).code).toBe('usage_error');
  });

  it.each(['', 'cfr_key_a\n', 'cfr key', 'cfr_kéy'])(
    'with a character that no key has is not repeated',
    (apiKey) => {
      const refusal = refusalOf({ apiKey });
      expect(refusal.code).toBe('usage_error');
      if (apiKey !== '') expect(`${refusal.message} ${String(refusal.hint)}`).not.toContain(apiKey);
    },
  );
});
