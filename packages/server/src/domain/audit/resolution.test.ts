import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResolvedSecret } from './port.ts';
import { digestResolution } from './resolution.ts';

const secret = fc.record({
  name: fc.string(),
  secretId: fc.string(),
  environment: fc.string(),
  version: fc.nat(),
  source: fc.string(),
});
const secrets = fc.uniqueArray(secret, { selector: ({ name }) => name, minLength: 1, maxLength: 6 });

describe('the digest of what a start was given (R-257)', () => {
  it('does not depend on the order of the list', () => {
    fc.assert(
      fc.property(secrets, (list) => {
        expect(digestResolution([...list].reverse())).toBe(digestResolution(list));
      }),
    );
  });

  it('R-257 changes with every field of every secret, and with what is left out', () => {
    fc.assert(
      fc.property(secrets, fc.nat(), (list, at) => {
        const [one, ...rest] = [...list.slice(at % list.length), ...list.slice(0, at % list.length)];
        if (one === undefined) return;
        const others: ResolvedSecret[] = [
          { ...one, name: `${one.name}x` },
          { ...one, secretId: `${one.secretId}x` },
          { ...one, environment: `${one.environment}x` },
          { ...one, version: one.version + 1 },
          { ...one, source: `${one.source}x` },
        ];
        const digests = [list, rest, ...others.map((other) => [other, ...rest])].map(digestResolution);
        expect(new Set(digests).size).toBe(digests.length);
      }),
    );
  });

  it('stays what it was for a list that was written by an earlier release', () => {
    const list = [{ name: 'KEY', secretId: 'sec_1', environment: '*', version: 3, source: 'agent' }];
    expect(digestResolution(list)).toBe('c2d54fba94db6f60a4377b8a9228ecd0513a7edcc9c71500ee1872e69dc2c8a5');
  });
});
