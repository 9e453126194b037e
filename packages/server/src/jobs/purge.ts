import { randomUUID } from 'node:crypto';
import { destroyAgent } from '../domain/agents/change.ts';
import { dayMs, minuteMs } from '../domain/clock.ts';
import type { Guard } from '../domain/guard/guard.ts';
import type { Operation } from '../domain/guard/operation.ts';
import { idempotencyKeptMs } from '../domain/idempotency/remember.ts';
import { operatorOf } from '../domain/guard/operator.ts';
import type { JobParts } from './parts.ts';

const batch = 200;
const leaseMs = 15 * minuteMs;
const lostForGoodMs = dayMs;
/** Not the process id: in containers every replica is process 1. */
const holder = randomUUID();

const purgeSecrets = async (operation: Operation, before: number): Promise<number> => {
  const secrets = await operation.stores.secrets.listDeletedBefore(before, batch);
  const own = secrets.filter(({ organizationId }) => organizationId === operation.organizationId);
  for (const secret of own) {
    await operation.stores.secrets.destroy(secret.id);
    operation.record({ secret }, 'secret.purge');
  }
  return own.length;
};

const purgeAgents = async (operation: Operation, before: number): Promise<number> => {
  const agents = await operation.stores.agents.listDeletedBefore(before, batch);
  const own = agents.filter(({ organizationId }) => organizationId === operation.organizationId);
  for (const agent of own) {
    const secrets = await destroyAgent(operation, agent);
    operation.record({ agent, details: { secrets } }, 'agent.purge');
  }
  return own.length;
};

/**
 * A process that was killed with its runner never says that it ended. So that such workloads are not looked
 * through with every write for ever, they are written down as lost; one that is heard again runs again.
 */
const markLost = async (guard: Guard, before: number): Promise<void> => {
  for (let marked = batch; marked === batch;)
    marked = await guard.database.commit(async ({ workloads }) => workloads.markLost(before, batch));
};

/** Destroys what was deleted longer ago than its organization keeps it; one replica at a time. */
export const purgeDue = async ({ guard }: JobParts): Promise<void> => {
  const { database } = guard;
  const now = guard.clock.now();
  const lease = { name: 'purge', holder, now, until: now + leaseMs };
  if (!(await database.commit(async (stores) => stores.leases.acquire(lease)))) return;
  try {
    await markLost(guard, now - lostForGoodMs);
    await purgeBefore(guard, now);
  } finally {
    await database.commit(async (stores) => stores.leases.release(lease.name, holder));
  }
};

const purgeBefore = async (guard: Guard, now: number): Promise<void> => {
  const { database } = guard;
  await database.commit(async (stores) => {
    await stores.idempotency.deleteBefore(now - idempotencyKeptMs);
    await stores.sessions.deleteExpired(now);
  });
  let purged = 0;
  for (const { id } of await database.read(async (stores) => stores.organizations.list())) {
    const operator = operatorOf(guard, id);
    const retention = await guard.read(operator, async (reading) => {
      reading.allowOwn();
      return (await reading.policy()).retention_days;
    });
    const before = now - retention * dayMs;
    for (;;) {
      const isDue = await database.read(
        async (stores) =>
          (await stores.secrets.listDeletedBefore(before, batch)).some((one) => one.organizationId === id) ||
          (await stores.agents.listDeletedBefore(before, batch)).some((one) => one.organizationId === id),
      );
      if (!isDue) break;
      purged += await guard.write(operator, 'secret.purge', async (operation) => {
        operation.allowOwn();
        return (await purgeAgents(operation, before)) + (await purgeSecrets(operation, before));
      });
    }
  }
  if (purged > 0) await database.purgeRemains();
};
