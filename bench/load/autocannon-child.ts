// Started by autocannon.ts with the load as JSON; prints what it measured as JSON.
import autocannon from 'autocannon';
import type { Load } from './generate-load.ts';

const load = JSON.parse(process.argv[2] ?? '') as Load;
let n = Math.floor(Math.random() * 1e6) * 1000;
const fill = (text: string): string =>
  text.replaceAll('{n}', String(n)).replaceAll('{slot}', String(n % (load.slots ?? 1)));

const result = await autocannon({
  url: load.url,
  connections: load.clients,
  duration: load.seconds,
  requests: [
    {
      method: load.method,
      headers: { ...load.headers },
      setupRequest: (request) => {
        n += 1;
        return {
          ...request,
          path: fill(load.path),
          ...(load.body !== undefined && { body: fill(load.body) }),
        };
      },
    },
  ],
});

process.stdout.write(
  JSON.stringify({
    perSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.errors + result.timeouts + result.non2xx,
  }),
);
