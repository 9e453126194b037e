import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { listenLocally } from '../local-server.ts';

const runProgram = async (program: string): Promise<unknown> => {
  const args = ['--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
};

const started = {
  workload: { id: 'wrk_1' },
  token: 'cfr_run_1',
  heartbeatSeconds: 20,
  variables: [],
  advice: [],
};

it('a start loads neither zod nor fetch, each of which would take longer than the start itself', async () => {
  await using local = await listenLocally((_, response) => {
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(started));
  });
  const loaded = await runProgram(`
    const { registerHooks } = process.getBuiltinModule('node:module');
    const urls = new Set();
    registerHooks({ resolve: (name, context, next) => { const found = next(name, context); urls.add(found.url); return found; } });
    const { startWorkload } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    const { workload } = await startWorkload({ baseUrl: '${local.url}', apiKey: 'cfr_key_1' }, { agent: 'bot' });
    console.log(JSON.stringify({
      workload: workload.id,
      http: process.moduleLoadList.includes('NativeModule http'),
      fetch: process.moduleLoadList.some((name) => name.includes('undici')),
      zod: [...urls].some((url) => url.includes('/node_modules/zod/')),
      contract: [...urls].filter((url) => url.includes('/contract/')).map((url) => url.split('/').at(-1)),
    }));
  `);
  expect(loaded).toEqual({
    workload: 'wrk_1',
    http: true,
    fetch: false,
    zod: false,
    contract: ['errors.ts'],
  });
});
