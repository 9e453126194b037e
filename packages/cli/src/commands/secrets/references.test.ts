import fc from 'fast-check';
import { isId, isSlug } from '@coffer/contract';
import { describe, it } from 'vitest';
import { isAgentReference, isSecretId } from './references.ts';

const typed = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'z', '0', '9', '-', '_', 'A') }),
  fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,70}$/),
  fc.string(),
);
const id = fc.stringMatching(/^(agt|sec)_[0-9A-HJKMNP-TV-Z]{26}$/);

describe('the shapes the command line knows without the contract’s schemas', () => {
  it('an agent is a slug or an agent’s id, as the contract has them', () => {
    fc.assert(fc.property(typed, (text) => isAgentReference(text) === isSlug(text)));
    fc.assert(fc.property(id, (text) => isAgentReference(text) === isId('agent', text)));
  });

  it('a secret’s id is what the contract says', () => {
    fc.assert(fc.property(id, (text) => isSecretId(text) === isId('secret', text)));
  });
});
