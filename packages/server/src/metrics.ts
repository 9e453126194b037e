import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Address } from './config.ts';
import { bind } from './serve.ts';

export interface Metrics {
  observe(request: { route: string; status: number; seconds: number }): void;
  /** Serves `/metrics` on a listener of its own. */
  listen(address: Address, links: () => number): Promise<Server>;
}

/** Prometheus metrics; labels are route ids and statuses only. */
export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const requests = new Counter({
    name: 'coffer_requests_total',
    help: 'Requests by route and status',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'coffer_request_seconds',
    help: 'Time to answer by route',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  let counts = false;
  return {
    observe({ route, status, seconds: taken }) {
      if (!counts) return;
      requests.inc({ route, status });
      seconds.observe({ route }, taken);
    },
    async listen(address, links) {
      counts = true;
      collectDefaultMetrics({ register: registry });
      new Gauge({
        name: 'coffer_runner_links',
        help: 'Runners linked to this process',
        registers: [registry],
        collect() {
          this.set(links());
        },
      });
      const server = createServer((request, response) => {
        if (request.url !== '/metrics' || request.method !== 'GET') {
          response.writeHead(404).end();
          return;
        }
        void registry
          .metrics()
          .then((text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text));
      });
      await bind(server, address, 'metrics-listen');
      return server;
    },
  };
};
