import fc from 'fast-check';
import { expect, it } from 'vitest';
import { path } from './path.ts';

it('each part of a path is percent-encoded', () => {
  expect(path`/agents/${'a/b?c#d e'}/secrets/${'Ä%2F'}`).toBe(
    '/agents/a%2Fb%3Fc%23d%20e/secrets/%C3%84%252F',
  );
});

it.each(['', '.', '..'])('the part "%s", which would address something else, is refused', (part) => {
  expect(() => path`/agents/${part}/secrets`).toThrow(expect.objectContaining({ code: 'usage_error' }));
});

it('whatever a part is, a URL parser leaves the path alone and the part can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (part) => {
      fc.pre(part !== '.' && part !== '..');
      const built = path`/v1/agents/${part}/secrets`;
      expect(new URL(built, 'http://localhost').pathname).toBe(built);
      expect(decodeURIComponent(built.split('/')[3] ?? '')).toBe(part.toWellFormed());
    }),
  );
});
