import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runCoffer } from '@coffer/testkit';
import { describe, expect, it } from 'vitest';

/** Runs a command with what a server delivers that keeps no rule. */
const runWith = async (name: string, options: readonly string[] = []) => {
  const started = {
    workload: { id: 'wrk_1', agent: 'bot', environment: 'development' },
    token: 'cfr_run_1',
    heartbeatSeconds: 20,
    variables: [
      { name: 'FINE', value: 'a-value', masked: true },
      { name, value: '/tmp/planted', masked: true },
    ],
    advice: [],
    offline: null,
  };
  const server = createServer((_, response) => {
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(started));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await runCoffer(
      ['run', '--agent', 'bot', '--env', 'development', ...options, '--', '/bin/echo', 'ran'],
      {
        environment: { COFFER_URL: `http://127.0.0.1:${port}`, COFFER_API_KEY: 'cfr_key_1' },
      },
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

describe('R-303 a name that a server should not have delivered', () => {
  it.each(['LD_PRELOAD', 'PATH', 'NODE_OPTIONS', 'COFFER_API_KEY'])('%s starts nothing', async (name) => {
    const { status, stdout, stderr } = await runWith(name);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toContain(`The server delivered ${name}`);
    expect(stderr).toContain('name_reserved');
  });

  it.each([['--exec'], ['--no-mask']])('%s starts nothing either', async (option) => {
    expect(await runWith('LD_PRELOAD', [option])).toMatchObject({ status: 125, stdout: '' });
  });

  it.each(['', 'A=B', 'A-B', 'A\u001b[31m'])(
    '%j is no name of a variable, and is not repeated',
    async (name) => {
      const { status, stdout, stderr } = await runWith(name);
      expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
      expect(stderr).toContain('env_name_invalid');
      expect(stderr).not.toContain('\u001b');
    },
  );

  it('is the only thing that is refused', async () => {
    expect(await runWith('ALSO_FINE')).toMatchObject({ status: 0, stdout: 'ran\n' });
  });
});
