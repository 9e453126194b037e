import { describe, expect, it } from 'vitest';
import { readCommitFault, readFault } from './sqlite-faults.ts';

const ioerrFsync = 1034;
const full = 13;
/** As node:sqlite throws it, https://www.sqlite.org/rescode.html */
const driverError = (errcode: number) => Object.assign(new Error('from the driver'), { errcode });

describe('a fault of the disk', () => {
  it('in a statement leaves nothing done, and in a commit may leave all of it', () => {
    expect(readFault(driverError(ioerrFsync))).toEqual({ cause: 'io' });
    expect(readCommitFault(driverError(ioerrFsync))).toEqual({ cause: 'unsure' });
  });

  it('that is full stores no commit', () => {
    expect(readCommitFault(driverError(full))).toEqual({ cause: 'full' });
  });
});
