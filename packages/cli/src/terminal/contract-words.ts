import { describeAccepted, isPolicySwitch, policySwitchNames, rights } from '@coffer/contract';

/** Candidates that the contract knows, without a server. */
export function contractWords(
  what: 'right' | 'policy_switch' | 'policy_value',
  before: readonly string[],
): readonly string[] {
  switch (what) {
    case 'right':
      return rights;
    case 'policy_switch':
      return policySwitchNames;
    case 'policy_value':
      return switchValues(before);
  }
}

/** What the named switch takes in this release, where that is a list of words. */
function switchValues(before: readonly string[]): string[] {
  const name = before.find(isPolicySwitch);
  if (name === undefined || name === 'people_may_run') return [];
  return describeAccepted(name)
    .split(', ')
    .filter((word) => /^[a-z0-9_]+$/.test(word));
}
