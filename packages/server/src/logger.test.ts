import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger, parseLogLevel } from './logger.ts';

const planted = 'planted-value-Jd83Kq';
const logger = join(import.meta.dirname, 'logger.ts');

/** What a process of its own writes to stderr when it logs these fields. */
const log = (fields: string, level = 'info'): string => {
  const program = `
    import { createLogger } from ${JSON.stringify(logger)};
    import { SecretBytes } from '@coffer/crypto';
    createLogger(${JSON.stringify(level)}).info(${fields}, 'said');`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stderr;
};

describe('the server’s log', () => {
  it('R-088 shows no value, token or key that is passed to it whole', () => {
    for (const field of ['value', 'values', 'token', 'key', 'authorization']) {
      for (const fields of [`{ ${field}: '${planted}' }`, `{ request: { ${field}: '${planted}' } }`]) {
        const line = log(fields);
        expect(line).toContain('[redacted]');
        expect(line).not.toContain(planted);
      }
    }
  });

  it('R-088 shows nothing of opened bytes, wherever they are', () => {
    const line = log(`{ opened: SecretBytes.from('${planted}'), deep: [[SecretBytes.from('${planted}')]] }`);
    expect(line).toContain('[redacted]');
    expect(line).not.toContain(planted);
    expect(line).not.toContain(Buffer.from(planted).toString('base64').slice(0, 16));
  });

  it('is one JSON object a line, with a time of ISO 8601, and silent where it is told so', () => {
    const line = JSON.parse(log(`{ chain: 'instance' }`)) as Record<string, unknown>;
    expect(line).toMatchObject({ chain: 'instance', msg: 'said' });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(log(`{}`, 'silent')).toBe('');
  });

  it('R-267 has the level that is named, info where none is, and refuses any other by naming those it has', () => {
    expect([parseLogLevel(undefined), parseLogLevel('')]).toEqual(['info', 'info']);
    const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
    for (const level of levels) expect(createLogger(parseLogLevel(level)).level).toBe(level);
    for (const wrong of ['loud', 'INFO', 'toString'])
      expect(() => parseLogLevel(wrong)).toThrow(
        expect.objectContaining({
          code: 'usage_error',
          hint: expect.stringContaining(levels.join(', ')) as string,
        }) as Error,
      );
  });
});
