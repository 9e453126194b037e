import { CofferError, errorTable, type ErrorCode } from '@coffer/contract/errors';
import { describe, expect, it } from 'vitest';
import { Declined } from './declined.ts';
import { Interrupted } from './interrupted.ts';
import { reportFailure } from './report-failure.ts';

function report(failure: unknown, { json = false, debug = false } = {}): { status: number; said: string } {
  let said = '';
  const status = reportFailure(failure, { json, debug, write: (text) => (said += text) });
  return { status, said };
}

describe('a failure that is told', () => {
  it.each(Object.keys(errorTable) as ErrorCode[])(
    'R-203 %s ends with the status of the error table',
    (code) => {
      expect(report(new CofferError(code, { detail: 'x' })).status).toBe(errorTable[code].exitCode);
    },
  );

  it('R-202 with --json is one line {code, message, hint}', () => {
    const failure = new CofferError('secret_not_found', { detail: 'No secret X.', hint: 'Create it.' });
    const { said } = report(failure, { json: true });
    expect(said.trimEnd()).not.toContain('\n');
    expect(JSON.parse(said)).toEqual({
      code: 'secret_not_found',
      message: 'No secret X.',
      hint: 'Create it.',
    });
  });

  it('lists every finding with what it is about', () => {
    const errors = [
      { code: 'no_value_for_environment', name: 'KEY', environment: 'staging', detail: 'no value' },
    ] as const;
    const { said } = report(new CofferError('env_unresolved', { detail: 'Not startable.', errors }));
    expect(said).toBe(
      'error: Not startable. (env_unresolved)\n  KEY (staging): no value (no_value_for_environment)\n',
    );
  });

  it('makes control characters of the server’s text harmless', () => {
    expect(report(new CofferError('forbidden', { detail: 'a\u001b[2Jb\nerror: c' })).said).toBe(
      'error: a\\u001b[2Jb\\u000aerror: c (forbidden)\n',
    );
  });

  it('R-088 an unforeseen failure shows neither message nor stack; COFFER_DEBUG shows where, not what', () => {
    const failure = new TypeError('cannot parse s3cret');
    expect(report(failure)).toMatchObject({ status: 1 });
    expect(report(failure).said).not.toMatch(/s3cret|\.ts:/);
    const { said } = report(failure, { debug: true });
    expect(said).toContain('report-failure.test.ts:');
    expect(said).not.toContain('s3cret');
  });

  it('R-197 Ctrl-C at a question ends with 130', () => {
    expect(report(new Interrupted()).status).toBe(130);
  });

  it('R-203 an answer of no ends with 1 and says what was left as it is', () => {
    expect(report(new Declined('Nothing was deleted.'))).toEqual({
      status: 1,
      said: 'Nothing was deleted.\n',
    });
  });
});
