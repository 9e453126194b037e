import { randomInt } from 'node:crypto';

/** Prefixes that client libraries check; a placeholder keeps the one its value has. Longest first. */
export const knownPrefixes = [
  'github_pat_',
  'sk-ant-api03-',
  'sk-svcacct-',
  'sk_live_',
  'sk_test_',
  'rk_live_',
  'rk_test_',
  'pk_live_',
  'pk_test_',
  'sk-proj-',
  'sk-ant-',
  'glpat-',
  'whsec_',
  'xoxb-',
  'xoxp-',
  'xapp-',
  'ghp_',
  'gho_',
  'ghs_',
  'npm_',
  'hf_',
  'SG.',
  'sk-',
  're_',
] as const;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const randomLength = 32;

/** What a brokered agent holds instead of the value: the known prefix, `COFFER` and 32 random characters. */
export const createPlaceholder = (value: string): string => {
  const prefix = knownPrefixes.find((known) => value.startsWith(known)) ?? '';
  let tail = '';
  for (let count = 0; count < randomLength; count += 1) tail += alphabet.charAt(randomInt(alphabet.length));
  return `${prefix}COFFER${tail}`;
};
