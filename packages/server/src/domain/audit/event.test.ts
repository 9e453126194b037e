import { describe, expect, it } from 'vitest';
import { canonicalEvent } from './event.ts';
import type { AuditEvent } from './port.ts';

const event: Omit<AuditEvent, 'mac'> = {
  id: 'evt_1',
  chain: 'org_1',
  sequence: 7,
  at: 1_760_000_000_000,
  action: 'secret.create',
  outcome: 'done',
  code: null,
  actorType: 'person',
  actorId: 'mem_1',
  actorName: 'a@example.com',
  secretId: 'sec_1',
  secretName: 'KEY',
  agentId: 'agt_1',
  agentSlug: 'bot',
  projectId: 'prj_1',
  environment: '*',
  version: 1,
  workloadId: null,
  resolutionId: null,
  resolutionDigest: null,
  address: '127.0.0.1',
  requestId: 'req_1',
  details: '{}',
};

describe('the bytes an event’s mac covers (R-307)', () => {
  it('R-307 change with every field of the event', () => {
    const forms = Object.keys(event).map((field) => canonicalEvent({ ...event, [field]: 'changed' }));
    expect(new Set([canonicalEvent(event), ...forms]).size).toBe(Object.keys(event).length + 1);
  });

  it('R-307 tell null from the text null, and two fields from one', () => {
    expect(canonicalEvent({ ...event, secretName: 'null' })).not.toBe(
      canonicalEvent({ ...event, secretName: null }),
    );
    const joined = canonicalEvent({ ...event, agentSlug: 'bot","prj_1', projectId: null });
    expect(joined).not.toBe(canonicalEvent(event));
  });

  it('stay what they were, format 1', () => {
    expect(canonicalEvent(event)).toBe(
      '[1,"evt_1","org_1",7,1760000000000,"secret.create","done",null,"person","mem_1","a@example.com",' +
        '"sec_1","KEY","agt_1","bot","prj_1","*",1,null,null,null,"127.0.0.1","req_1","{}"]',
    );
  });
});
