import { CofferError, type AgentCreate } from '@coffer/contract';
import { callerOf, type TestCaller } from './caller.ts';
import type { TestServer } from './server.ts';

/** One person of each role; `holder` is a member who owns what `newAgent` makes. */
export interface Team {
  readonly owner: TestCaller;
  readonly admin: TestCaller;
  readonly holder: TestCaller;
  readonly member: TestCaller;
  readonly auditor: TestCaller;
  /** A new agent of `holder`; returns its slug. */
  readonly newAgent: (fields?: Partial<AgentCreate>) => Promise<string>;
}

let agents = 0;

export const createTeam = async (server: TestServer): Promise<Team> => {
  const owner = callerOf(server.url, server.ownerToken);
  const join = async (name: string, role: 'admin' | 'member' | 'auditor'): Promise<TestCaller> => {
    await owner.members.create({ email: `${name}@example.com`, role });
    return callerOf(server.url, await server.loginAs(`${name}@example.com`));
  };
  return {
    owner,
    admin: await join('admin', 'admin'),
    holder: await join('holder', 'member'),
    member: await join('member', 'member'),
    auditor: await join('auditor', 'auditor'),
    newAgent: async (fields = {}) => {
      agents += 1;
      return (await owner.agents.create({ slug: `agent-${agents}`, owner: 'holder@example.com', ...fields }))
        .slug;
    },
  };
};

/** The error a promise ends with; fails where it does not. */
export const refusalOf = async (promise: Promise<unknown>): Promise<CofferError> => {
  const answer = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (answer instanceof CofferError) return answer;
  throw new Error('It was not refused with a CofferError', { cause: answer });
};
