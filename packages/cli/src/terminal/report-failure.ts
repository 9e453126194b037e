import { CofferError, errorTable, type ErrorItem } from '@coffer/contract/errors';
import { Declined, declinedStatus } from './declined.ts';
import { Interrupted, interruptedStatus } from './interrupted.ts';
import { printable, printableInLine } from './printable.ts';
import { usageError } from './usage.ts';

/** Where and how a failure is told. */
export interface FailureReport {
  readonly json: boolean;
  /** With COFFER_DEBUG: where an unexpected failure came from. */
  readonly debug: boolean;
  readonly write: (text: string) => void;
}

/** Says what went wrong, on stderr, and gives the exit status for it. */
export function reportFailure(failure: unknown, { json, debug, write }: FailureReport): number {
  if (failure instanceof Interrupted) {
    write('Interrupted; nothing was changed.\n');
    return interruptedStatus;
  }
  if (failure instanceof Declined) {
    write(`${printable(failure.message)}\n`);
    return declinedStatus;
  }
  const error = failure instanceof CofferError ? failure : describeOther(failure);
  const { code, message, hint, errors, requestId } = error;
  if (json) {
    const list = errors.length === 0 ? {} : { errors };
    write(`${printable(JSON.stringify({ code, message, hint: hint ?? null, ...list, requestId }))}\n`);
  } else {
    write(`error: ${printableInLine(message)} (${code})\n`);
    for (const item of errors) write(`  ${printableInLine(describeItem(item))}\n`);
    if (hint !== undefined) write(`hint: ${printable(hint)}\n`);
    if (code === 'internal' && requestId !== undefined) write(`request: ${printableInLine(requestId)}\n`);
  }
  if (debug && error !== failure) write(framesOf(failure));
  return errorTable[code].exitCode;
}

/** Whatever first asks for the working folder fails so, where it has been deleted: a relative path, coffer.json. */
const isFolderGone = (failure: unknown): boolean =>
  failure instanceof Error && 'syscall' in failure && failure.syscall === 'uv_cwd';

const describeOther = (failure: unknown): CofferError =>
  isFolderGone(failure)
    ? usageError(
        'The folder that this was started in does not exist any more.',
        'Change to one that exists, and run it again.',
      )
    : unexpected();

/** The message of an unforeseen failure may quote its input, so it is never shown. */
const unexpected = (): CofferError =>
  new CofferError('internal', {
    detail: 'The coffer command failed unexpectedly.',
    hint: 'Run it again with COFFER_DEBUG=1 and report where it failed.',
  });

function framesOf(failure: unknown): string {
  if (!(failure instanceof Error)) return '';
  const frames = (failure.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return `${[failure.name, ...frames].map(printableInLine).join('\n')}\n`;
}

function describeItem({ name, path, secret, environment, detail, code }: ErrorItem): string {
  const subject = name ?? path;
  const about = [secret === subject ? undefined : secret, environment].filter((part) => part !== undefined);
  const where = about.length === 0 ? '' : ` (${about.join(', ')})`;
  return `${subject === undefined ? '' : `${subject}${where}: `}${detail}${code === undefined ? '' : ` (${code})`}`;
}
