import { z } from 'zod';
import { roles } from './access.ts';

const wholeNumber = (from: number, to: number) => z.coerce.number().int().min(from).max(to);
const offOrNumber = (to: number) => z.union([z.literal('off'), wholeNumber(1, to)]);
/** An auditor changes nothing, and starts nothing either. */
const runningRole = z.enum(roles).exclude(['auditor']);
const runRoles = z.record(z.string(), z.array(runningRole));

/**
 * Every switch of an organization's policy, as data: what it accepts, its default (the safe choice,
 * R-300), and which values this release carries out. A value that is not built yet is refused with
 * `policy_unavailable`, so that no switch promises what does not happen.
 */
export const policySwitches = {
  reveal: { accepts: z.enum(['never', 'owner_or_admin']), default: 'never', built: ['never'] },
  check: { accepts: z.enum(['off', 'on']), default: 'off', built: ['off'] },
  preview: { accepts: z.enum(['last4', 'none']), default: 'last4', built: 'all' },
  organization_access: {
    accepts: z.enum(['member_reads_metadata', 'all_members']),
    default: 'member_reads_metadata',
    built: 'all',
  },
  organization_writes: {
    accepts: z.enum(['owner_or_admin', 'owner_only']),
    default: 'owner_or_admin',
    built: 'all',
  },
  organization_secrets: {
    accepts: z.enum(['granted_agents', 'any_agent']),
    default: 'granted_agents',
    built: ['granted_agents'],
  },
  agent_creation: { accepts: z.enum(['owner_or_admin', 'members']), default: 'owner_or_admin', built: 'all' },
  pin_on_deploy: { accepts: z.enum(['off', 'on']), default: 'off', built: ['off'] },
  unmasked_runs: { accepts: z.enum(['development', 'any', 'none']), default: 'development', built: 'all' },
  offline_start: { accepts: offOrNumber(24 * 30), default: 'off', built: 'all' },
  keep_versions: { accepts: wholeNumber(1, 10_000), default: 20, built: 'all' },
  people_may_run: { accepts: runRoles, default: { development: ['owner', 'admin'] }, built: 'all' },
  delete: { accepts: z.enum(['confirm', 'block', 'allow']), default: 'confirm', built: ['confirm', 'allow'] },
  retention_days: { accepts: wholeNumber(0, 3650), default: 7, built: 'all' },
  name_style: {
    accepts: z.enum(['any', 'upper_snake', 'lower_snake', 'kebab']),
    default: 'any',
    built: 'all',
  },
  name_style_level: { accepts: z.enum(['warn', 'error']), default: 'warn', built: 'all' },
  builtins: { accepts: z.enum(['user_wins', 'reserved']), default: 'user_wins', built: ['user_wins'] },
  pull_conflict: { accepts: z.enum(['error', 'first_match']), default: 'error', built: ['error'] },
  reused_value: { accepts: z.enum(['warn', 'error']), default: 'warn', built: 'all' },
  rotation_max_age_days: { accepts: offOrNumber(3650), default: 'off', built: ['off'] },
  default_environment: { accepts: z.string().max(63), default: 'development', built: 'all' },
} as const satisfies Record<
  string,
  { accepts: z.ZodType; default: unknown; built: 'all' | readonly unknown[] }
>;

export type PolicySwitch = keyof typeof policySwitches;
export type Policy = { readonly [Name in PolicySwitch]: z.infer<(typeof policySwitches)[Name]['accepts']> };

export const policySwitchNames = Object.keys(policySwitches) as PolicySwitch[];
export const isPolicySwitch = (name: string): name is PolicySwitch => Object.hasOwn(policySwitches, name);

type Accepted = ReturnType<(typeof policySwitches)[PolicySwitch]['accepts']['toJSONSchema']>;

const wordsOf = ({ anyOf, enum: choices, const: only, minimum, maximum }: Accepted): readonly string[] => {
  if (anyOf !== undefined) return anyOf.flatMap((one) => wordsOf(one as Accepted));
  if (choices !== undefined) return choices.map(String);
  return only === undefined ? [`a whole number from ${minimum} to ${maximum}`] : [String(only)];
};

/** What a switch takes in this release, for who gave it something else. */
export const describeAccepted = (name: PolicySwitch): string => {
  const { accepts, built } = policySwitches[name];
  if (name === 'default_environment') return 'the slug of an environment';
  if (name === 'people_may_run') return `for each environment a list of: ${runningRole.options.join(', ')}`;
  return (built === 'all' ? wordsOf(accepts.toJSONSchema()) : built.map(String)).join(', ');
};

/** The policy of an organization that has changed nothing. */
export const defaultPolicy = (): Policy => {
  const defaults: Record<string, unknown> = {};
  for (const name of policySwitchNames) defaults[name] = policySwitches[name].default;
  return defaults as Policy;
};

export const PolicyRecord = z.record(z.string(), z.unknown()).meta({ id: 'Policy' });
export const PolicyWrite = z.strictObject({ value: z.unknown() });
export const PolicySwitchRecord = z
  .object({ name: z.string(), value: z.unknown(), default: z.unknown() })
  .meta({ id: 'PolicySwitch' });
export type PolicySwitchRecord = z.infer<typeof PolicySwitchRecord>;
