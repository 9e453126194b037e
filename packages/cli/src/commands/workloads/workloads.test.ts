import { startServer } from '@coffer/testkit';
import type { AgentRecord, AuditEventRecord, WorkloadRecord } from '@coffer/contract';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createLoggedInUser } from '../../terminal/command-line.fixture.ts';

const server = await startServer();
const ann = await createLoggedInUser(server.url, 'biller', 'mailer');

const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children) child.kill('SIGTERM');
  await ann.close();
  await server.close();
});

const running = (agent: string) =>
  ann.ask<WorkloadRecord[]>(['workloads', 'list', '--agent', agent, '--state', 'running']);

/** A `coffer run` whose command has begun and waits. */
const startWaiting = async (agent: string): Promise<{ child: ChildProcess; ended: Promise<unknown[]> }> => {
  const wait = 'console.log("begun"); setInterval(() => {}, 1000)';
  const words = ['run', '--agent', agent, '--', process.execPath, '-e', wait];
  const child = spawn(process.execPath, [ann.bin, ...words], {
    cwd: ann.folder,
    env: ann.environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  await vi.waitFor(async () => expect(await running(agent)).toHaveLength(1), { timeout: 10_000 });
  return { child, ended };
};

describe('coffer workloads', () => {
  it('R-105 R-195 stop ends a running one through its runner, and list shows it stopped', async () => {
    const { ended } = await startWaiting('biller');
    const [workload] = await running('biller');
    const id = workload?.id ?? '';
    const stopped = await ann.run(['workloads', 'stop', id]);
    expect(stopped).toMatchObject({ status: 0, stdout: '' });
    expect(stopped.stderr).toContain(`${id} (biller, development) is stopping.`);
    await ended;
    expect((await ann.run(['workloads', 'list', '--agent', 'biller'])).stdout).toMatch(
      new RegExp(`^${id} +biller +development +stopped `, 'm'),
    );
    expect(await running('biller')).toEqual([]);
  });
});

describe('coffer agent', () => {
  it('R-195 list names every agent; restart stops what one of them runs, and not another’s', async () => {
    const agents = await ann.ask<AgentRecord[]>(['agent', 'list']);
    expect(agents.map(({ slug }) => slug)).toEqual(['biller', 'mailer']);
    const [mine, other] = [await startWaiting('biller'), await startWaiting('mailer')];
    const said = await ann.run(['agent', 'restart', 'biller']);
    expect(said.stderr).toContain(
      'Stopping 1 workload of biller; starting 1 again, where the runner has --restart or --on-rotate restart.',
    );
    await mine.ended;
    expect(await running('mailer')).toHaveLength(1);
    other.child.kill('SIGTERM');
    await other.ended;
  });
});

describe('coffer audit list', () => {
  it('R-193 R-259 shows what the commands did, filtered by action and agent', async () => {
    const events = await ann.ask<AuditEventRecord[]>(['audit', 'list', '--action', 'workload.stop']);
    expect(events.map(({ agent, outcome }) => [agent, outcome])).toContainEqual(['biller', 'done']);
    const table = await ann.run(['audit', 'list', '--agent', 'mailer', '--action', 'workload.start']);
    expect(table.stdout).toMatch(/^AT +ACTION +OUTCOME +ACTOR +SECRET +OF +ENVIRONMENT +VERSION\n/);
    expect(table.stdout).toMatch(/ workload\.start +done +owner@coffer\.local .* mailer +development/);
    expect(table.stdout).not.toContain('biller');
  });
});
