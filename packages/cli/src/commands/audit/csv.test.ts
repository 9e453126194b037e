import type { AuditEventRecord } from '@coffer/contract';
import { describe, expect, it } from 'vitest';
import { csvHeader, csvLine } from './csv.ts';

const event: AuditEventRecord = {
  id: 'evt_1',
  sequence: 7,
  at: '2027-01-31T12:30:05.123Z',
  action: 'secret.set',
  outcome: 'done',
  code: null,
  actor: { type: 'person', id: 'mem_1', name: '=HYPERLINK("http://x")' },
  secretId: 'sec_1',
  secret: 'KEY',
  agent: null,
  project: null,
  environment: '*',
  version: 2,
  workloadId: null,
  secrets: [],
  address: '127.0.0.1',
  requestId: 'req_1',
  details: { fields: ['a', 'b'] },
};

describe('R-259 the audit trail as CSV', () => {
  it('has a cell for each name of the header', () => {
    expect(csvHeader.split(',')).toHaveLength(20);
    expect(
      csvLine({ ...event, actor: { ...event.actor, name: 'ann' }, details: {} }).split(','),
    ).toHaveLength(20);
  });

  it('quotes what has commas and quotes, and keeps a spreadsheet from running a cell', () => {
    const line = csvLine(event);
    expect(line).toContain('"\'=HYPERLINK(""http://x"")"');
    expect(line).toContain('"{""fields"":[""a"",""b""]}"');
  });
});
