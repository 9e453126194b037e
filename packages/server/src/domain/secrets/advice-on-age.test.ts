import { describe, expect, it } from 'vitest';
import { adviseOnAge, adviseOnExpiry } from './advice-on-age.ts';

const dayMs = 86_400_000;
const now = 1_760_000_000_000;
const value = (environment: string, days: number) => ({ environment, createdAt: now - days * dayMs });
const never = { expiresAt: null, rotateEveryDays: null };

describe('what time makes worth knowing', () => {
  it('is nothing of a secret that neither expires nor is rotated, however old', () => {
    expect(adviseOnAge(never, [value('*', 4000)], now)).toEqual([]);
  });

  it('R-274 is that the credential has expired, from the moment on that it has', () => {
    const codes = (expiresAt: number) =>
      adviseOnAge({ ...never, expiresAt }, [], now).map(({ code, level }) => [code, level]);
    expect(codes(now + 1)).toEqual([]);
    expect(codes(now)).toEqual([['credential_expired', 'warning']]);
  });

  it('R-285 is which values are due to be rotated, each by its own age', () => {
    const secret = { ...never, rotateEveryDays: 30 };
    expect(adviseOnAge(secret, [value('*', 29), value('staging', 1)], now)).toEqual([]);
    const [advice] = adviseOnAge(secret, [value('*', 30), value('staging', 1), value('production', 90)], now);
    expect(advice).toMatchObject({ code: 'rotation_due', level: 'hint' });
    expect(advice?.message).toContain('30 days');
    expect(advice?.message).toMatch(/\*, production\.$/);
  });
});

describe('what a write says of an expiry', () => {
  it('R-274 is that it is past, from its moment on, and when it was', () => {
    expect(adviseOnExpiry({ expiresAt: null }, now)).toEqual([]);
    expect(adviseOnExpiry({ expiresAt: now + 1 }, now)).toEqual([]);
    const [advice] = adviseOnExpiry({ expiresAt: now }, now);
    expect(advice).toMatchObject({ code: 'credential_expired', level: 'warning' });
    expect(advice?.message).toContain(new Date(now).toISOString());
  });
});
