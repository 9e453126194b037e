import { pino, type Logger } from 'pino';

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
