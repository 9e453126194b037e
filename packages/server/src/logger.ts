import { CofferError } from '@coffer/contract';
import { pino, type Logger } from 'pino';

const levels: readonly string[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** The level of `COFFER_LOG_LEVEL`; an empty variable is one that is not set. Throws `usage_error`. */
export const parseLogLevel = (text: string | undefined): string => {
  if (text === undefined || text === '') return 'info';
  if (levels.includes(text)) return text;
  throw new CofferError('usage_error', {
    detail: 'COFFER_LOG_LEVEL is not a level of the log.',
    hint: `Give one of: ${levels.join(', ')}.`,
  });
};

/**
 * The server's log: JSON lines on stderr. It is given names, ids, codes and counts; opened values live
 * in types that print as `[redacted]`, and these paths are cut out should one ever be passed whole.
 */
export const createLogger = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'value',
          '*.value',
          'values',
          '*.values',
          'token',
          '*.token',
          'key',
          '*.key',
          'authorization',
          '*.authorization',
        ],
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
