import {
  AgentId,
  defaultPolicy,
  MemberId,
  ProjectId,
  rights as rightNames,
  roles,
  type Policy,
  type Right,
  type Role,
} from '@coffer/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Standing } from './caller.ts';
import { decide, keyHasRight, type Asker } from './decide.ts';
import { rights, type GuardedAct, type Target } from './rights.ts';

const policy = defaultPolicy();
const memberId = (number: number) => MemberId.parse(`mem_${String(number).padStart(26, '0')}`);
const agentId = (number: number) => AgentId.parse(`agt_${String(number).padStart(26, '0')}`);
const projectId = ProjectId.parse(`prj_${'0'.repeat(26)}`);
const standing = (role: Role): Standing => ({ id: memberId(1), role, email: 'a@example.com' });
const person = (role: Role | null): Asker => ({
  type: 'person',
  member: role === null ? null : standing(role),
});
type KeyAsker = Extract<Asker, { type: 'key' }>;
const key = (fields: Partial<KeyAsker>): KeyAsker => ({
  type: 'key',
  member: standing('owner'),
  agentId: null,
  projectId: null,
  environments: null,
  rights: [],
  ...fields,
});
const agent = { id: agentId(1), ownerId: memberId(1), projectId };
const acts = Object.keys(rights) as GuardedAct[];
const allows = (caller: Asker, act: GuardedAct, target: Target & { under?: Policy } = {}): boolean =>
  decide(caller, act, { target, policy: target.under ?? policy }).allowed;

describe('what a person may do', () => {
  it('R-062 nobody who is no member does anything', () => {
    for (const act of acts) expect([act, allows(person(null), act, { agent })]).toEqual([act, false]);
  });

  it('R-062 whatever an admin may, an owner may', () => {
    for (const act of acts)
      if (allows(person('admin'), act, { agent }))
        expect([act, allows(person('owner'), act, { agent })]).toEqual([act, true]);
  });

  it('R-073 an auditor only lists and reads', () => {
    const policies: Policy[] = [
      policy,
      { ...policy, organization_access: 'all_members', agent_creation: 'members' },
    ];
    for (const under of policies)
      for (const act of acts.filter((one) => allows(person('auditor'), one, { agent, under })))
        expect(act).toMatch(/\.(read|list)$/);
  });

  it('R-112 people start where policy names their role, and with the code run_forbidden elsewhere', () => {
    for (const role of roles)
      for (const environment of ['development', 'production']) {
        const decision = decide(person(role), 'workload.start', { target: { agent, environment }, policy });
        const expected = environment === 'development' && (role === 'owner' || role === 'admin');
        expect([role, environment, decision.allowed]).toEqual([role, environment, expected]);
        if (!decision.allowed) expect(decision.code).toBe('run_forbidden');
      }
  });
});

describe('what a key may do (R-076)', () => {
  it('R-076 admin includes every right but run', () => {
    for (const right of rightNames) expect(keyHasRight(['admin'], right)).toBe(right !== 'run');
  });

  it('R-076 a key never does what its maker may not, but for run, which was given', () => {
    fc.assert(
      fc.property(
        fc.record({
          act: fc.constantFrom(...acts),
          role: fc.constantFrom(...roles),
          held: fc.subarray([...rightNames] as Right[]),
          environment: fc.constantFrom('development', 'production'),
        }),
        ({ act, role, held, environment }) => {
          fc.pre(act !== 'workload.start');
          const made = key({ member: standing(role), rights: held });
          if (allows(made, act, { agent, environment }))
            expect(allows(person(role), act, { agent, environment })).toBe(true);
        },
      ),
    );
  });

  it('R-076 fewer rights, environments or places never allow more', () => {
    fc.assert(
      fc.property(
        fc.record({
          act: fc.constantFrom(...acts),
          held: fc.subarray([...rightNames] as Right[]),
          environments: fc.option(fc.subarray(['development', 'staging']), { nil: null }),
          bound: fc.option(fc.constantFrom(agentId(1), agentId(2)), { nil: null }),
          slots: fc.constantFrom<Target['slots']>(
            undefined,
            'all',
            ['*'],
            ['staging'],
            ['development', 'production'],
          ),
        }),
        ({ act, held, environments, bound, slots }) => {
          const target: Target = { agent, environment: 'development', ...(slots !== undefined && { slots }) };
          const narrow = key({ rights: held, environments, agentId: bound });
          if (!allows(narrow, act, target)) return;
          expect(allows(key({ rights: ['run', 'admin'] }), act, target)).toBe(true);
          expect(allows(key({ rights: held, agentId: bound }), act, target)).toBe(true);
        },
      ),
    );
  });

  it('R-076 a key of some environments does not touch * or the whole secret', () => {
    const narrow = key({ rights: ['write'], environments: ['staging'], agentId: agent.id });
    const writes = (slots: Target['slots']) =>
      allows(narrow, 'agent_secret.write', { agent, ...(slots !== undefined && { slots }) });
    expect([writes(['staging']), writes(['*']), writes(['staging', '*']), writes('all')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('R-072 a workload’s token is refused every guarded act', () => {
    const workload: Asker = { type: 'workload' };
    for (const act of acts) expect([act, allows(workload, act, { agent })]).toEqual([act, false]);
  });
});
