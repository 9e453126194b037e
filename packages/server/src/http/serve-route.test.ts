import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { compileRedactor } from '@coffer/redact';
import type { House } from './context.ts';
import { failWith } from './serve-route.ts';

const value = 'sk_live_planted-in-a-driver-error';

describe('a request that fails for a reason nobody expected (R-088)', () => {
  it('is logged with what it carried masked, and answered without any of it', async () => {
    const lines: string[] = [];
    const house = {
      log: { info: () => undefined, error: (fields: object) => lines.push(JSON.stringify(fields)) },
      maskText: (text: string, values: readonly string[]) =>
        compileRedactor(values.map((one) => ({ name: 'REQUEST', value: one }))).redactText(text),
    } as Pick<House, 'log' | 'maskText'> as House;
    const app = new Hono().post('/', async (context) =>
      failWith(house, context, {
        error: new Error(`the driver said: ${value} in base64 ${Buffer.from(value).toString('base64')}`),
        requestId: 'req_1',
        route: 'setSecretAgent',
        body: await context.req.text(),
      }),
    );
    const response = await app.request('/', { method: 'POST', body: JSON.stringify({ value }) });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain(value);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('[masked:REQUEST]');
    expect(lines[0]).not.toContain(value);
    expect(lines[0]).not.toContain(Buffer.from(value).toString('base64').slice(0, 20));
  });
});
