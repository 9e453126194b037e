import type { SecretRecord } from '@coffer/contract';
import { startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createLoggedInUser } from '../../terminal/command-line.fixture.ts';

const server = await startServer();
const ann = await createLoggedInUser(server.url, 'biller');
const value = 'a-value-of-some-length';

afterAll(async () => {
  await ann.close();
  await server.close();
});

const get = (name: string) => ann.ask<SecretRecord>(['secrets', 'get', 'biller', name]);

describe('what is said about a secret', () => {
  it('R-020 R-191 create takes exposure, hosts, tags, expiry, rotation and type', async () => {
    const { status } = await ann.run([
      ...['secrets', 'create', 'biller', 'MADE', '--value', value, '--exposure', 'broker'],
      ...[
        '--allow-host',
        'api.stripe.com',
        '--allow-host',
        '*.example.com',
        '--tag',
        'billing',
        '--tag',
        'eu',
      ],
      ...['--expires', '2040-01-31T00:00:00Z', '--rotate-every', '90d', '--type', 'api_key'],
    ]);
    expect(status).toBe(0);
    expect(await get('MADE')).toMatchObject({
      exposure: 'broker',
      allowedHosts: ['api.stripe.com', '*.example.com'],
      tags: ['billing', 'eu'],
      expiresAt: '2040-01-31T00:00:00.000Z',
      rotateEveryDays: 90,
      credentialType: 'api_key',
    });
  });

  it('R-155 R-191 update changes what is given of them and nothing else', async () => {
    await ann.run(['secrets', 'create', 'biller', 'CHANGED', '--value', value, '--tag', 'kept']);
    const words = ['--rotate-every', '30', '--type', 'token', '--expires', '10d'];
    expect(await ann.run(['secrets', 'update', 'biller', 'CHANGED', ...words])).toMatchObject({ status: 0 });
    const secret = await get('CHANGED');
    expect(secret).toMatchObject({
      exposure: 'env',
      tags: ['kept'],
      rotateEveryDays: 30,
      credentialType: 'token',
      values: [{ version: 1 }],
    });
    const days = (Date.parse(secret.expiresAt ?? '') - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(10);
    await ann.run(['secrets', 'update', 'biller', 'CHANGED', '--tag', 'other']);
    expect(await get('CHANGED')).toMatchObject({ tags: ['other'], rotateEveryDays: 30 });
  });

  it('R-020 R-191 update --clear takes away what was set, and nothing else', async () => {
    const details = [
      '--expires',
      '10d',
      '--rotate-every',
      '90d',
      '--type',
      'token',
      '--tag',
      'eu',
      '-d',
      'said',
    ];
    await ann.run(['secrets', 'create', 'biller', 'CLEARED', '--value', value, ...details]);
    const update = ['secrets', 'update', 'biller', 'CLEARED'];
    expect(await ann.run([...update, '--clear', 'expires', '--clear', 'rotate-every'])).toMatchObject({
      status: 0,
    });
    expect(await get('CLEARED')).toMatchObject({
      expiresAt: null,
      rotateEveryDays: null,
      credentialType: 'token',
      tags: ['eu'],
      description: 'said',
    });
    const rest = ['--clear', 'type', '--clear', 'tag', '--clear', 'description', '--clear', 'allow-host'];
    expect(await ann.run([...update, ...rest])).toMatchObject({ status: 0 });
    expect(await get('CLEARED')).toMatchObject({
      credentialType: null,
      tags: [],
      description: '',
      values: [{ version: 1 }],
    });
    const both = await ann.run([...update, '--clear', 'tag', '--tag', 'us']);
    expect(both.status).toBe(2);
    expect(both.stderr).toContain('--tag is given and cleared');
    expect(await ann.run([...update, '--clear', 'name'])).toMatchObject({ status: 2 });
  });

  it.each([
    ['--exposure', 'sometimes'],
    ['--type', 'guess'],
    ['--expires', 'soon'],
    ['--rotate-every', 'often'],
  ])('R-191 %s %s is a usage error that writes nothing', async (option, word) => {
    const made = await ann.run(['secrets', 'create', 'biller', 'REFUSED', '--value', value, option, word]);
    expect(made.status).toBe(2);
    expect(await ann.run(['secrets', 'get', 'biller', 'REFUSED'])).toMatchObject({ status: 5 });
  });
});
