import type { Advice } from '@coffer/contract';
import type { Version } from './port.ts';

const production = 'production';

/** A secret that has values, and none that serves production, where the organization has it. */
export const adviseOnProduction = (
  current: readonly Pick<Version, 'environment'>[],
  environments: ReadonlySet<string>,
): Advice[] => {
  const isServed = current.some(({ environment }) => environment === production || environment === '*');
  if (isServed || current.length === 0 || !environments.has(production)) return [];
  return [
    {
      code: 'production_value_missing',
      level: 'hint',
      message:
        'It has no value for production, where a start that needs it fails; set one with --env production.',
    },
  ];
};
