// A process of its own: hono and its Node server, answering any POST with one constant body.
//
//   node constant-answer.ts <bytes of the body>
//
// /plain answers at once; /parsed reads the request's JSON first, as every handler that does something must.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const body = JSON.stringify({ filler: '' });
const answer = JSON.stringify({ filler: 'x'.repeat(Math.max(0, Number(process.argv[2]) - body.length)) });
const headers = { 'content-type': 'application/json; charset=utf-8' };

const app = new Hono();
app.post('/plain', (context) => context.body(answer, 201, headers));
app.post('/parsed', async (context) => {
  await context.req.json();
  return context.body(answer, 201, headers);
});
serve({ fetch: app.fetch.bind(app), hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
