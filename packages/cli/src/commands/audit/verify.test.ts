import type { AuditVerified } from '@coffer/contract';
import { startServer } from '@coffer/testkit';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { createLoggedInUser } from '../../terminal/command-line.fixture.ts';

const server = await startServer();
const ann = await createLoggedInUser(server.url, 'biller');
afterAll(async () => {
  await ann.close();
  await server.close();
});

describe('coffer audit verify', () => {
  it('R-307 says that the chain is whole, up to which event', async () => {
    const { status, stdout } = await ann.run(['audit', 'verify']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^The chain of \d+ events is whole, up to number \d+\.$/m);
  });

  it('R-307 ends with 10 where an event was changed, and names it', async () => {
    const database = new DatabaseSync(join(server.dataDir, 'coffer.db'));
    database.exec('pragma busy_timeout = 5000');
    const { changes } = database
      .prepare(`update audit_event set actor_name = 'somebody else' where action = 'agent.create'`)
      .run();
    const event = database
      .prepare(`select id, sequence from audit_event where action = 'agent.create'`)
      .get();
    database.close();
    expect(changes).toBe(1);
    const said = await ann.run(['audit', 'verify']);
    expect(said.status).toBe(10);
    expect(said.stdout).toContain(
      `The chain is broken at event ${String(event?.['sequence'])} (${String(event?.['id'])}): changed.`,
    );
    const json = await ann.run(['audit', 'verify', '--json']);
    expect(json.status).toBe(10);
    expect(JSON.parse(json.stdout) as AuditVerified).toMatchObject({
      ok: false,
      code: 'audit_chain_broken',
      firstBroken: { eventId: event?.['id'], reason: 'changed' },
    });
  });
});
