import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { callerOf, startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';

/*
 * A write is on its way to an SQLite file that another process holds, and what that process changes is there
 * before it: whoever rests on the write meanwhile is told what is true in the end.
 */

const server = await startServer();
const owner = callerOf(server.url, server.ownerToken);
afterAll(() => server.close());

const soon = () => new Promise((resolve) => setTimeout(resolve, 300));

describe('a write that waits for another process', () => {
  it('R-075 is no ground to answer a key that this process has revoked', async () => {
    await owner.agents.create({ slug: 'held-bot' });
    for (const name of ['TAKEN', 'OTHER']) await owner.secrets.create('held-bot', name, 'a-first-value');
    const { key, id } = await owner.keys.create({ agent: 'held-bot', rights: ['write', 'read'] });
    const holder = callerOf(server.url, key);
    const create = () =>
      holder.ask('POST', '/v1/agents/held-bot/secrets', { body: { name: 'TAKEN', value: 'a-second-value' } });
    expect((await create()).code).toBe('secret_exists');

    const other = new DatabaseSync(join(server.dataDir, 'coffer.db'));
    other.exec('begin immediate');
    const writing = owner.secrets.set('held-bot', 'OTHER', 'a-third-value');
    await soon();
    const answered = create();
    await soon();
    other.prepare('update api_key set revoked_at = ? where id = ?').run(Date.now(), id);
    other.exec(
      `update audit_head set changes = changes + 1, access_changes = access_changes + 1 where chain like 'org%'`,
    );
    other.exec('commit');
    other.close();
    expect((await writing).version).toBe(2);
    expect((await answered).code).toBe('not_authenticated');
  });
});
