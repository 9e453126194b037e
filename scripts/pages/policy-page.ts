import { policySwitches, policySwitchNames, type PolicySwitch } from '@coffer/contract';
import { code, page, table } from './markdown.ts';
import { policyWords } from './policy-words.ts';
import { describeSchema, valueText, type Schema } from './schema-text.ts';

const intro = `# Policy

Generated from the switches of the contract by \`npm run generate\`.

An organization has one policy. Each switch starts with the safe choice. \`coffer policy get\` shows all of them,
\`coffer policy set SWITCH VALUE\` changes one; owners and admins may, and every change is in the audit trail. A value that
this release does not carry out yet is refused with \`policy_unavailable\`: no switch promises what does not happen.

\`\`\`
coffer policy get unmasked_runs
coffer policy set unmasked_runs none
coffer policy set people_may_run development=owner,admin,member
\`\`\``;

const row = (name: PolicySwitch): string[] => {
  const { accepts, default: byDefault, built } = policySwitches[name];
  const carriedOut =
    built === 'all' ? 'all of them' : built.map((value) => code(valueText(value))).join(', ');
  const values = describeSchema(accepts.toJSONSchema() as Schema);
  return [code(name), policyWords[name], values, code(valueText(byDefault)), carriedOut];
};

export const writePolicyPage = (): string =>
  page([
    intro,
    table(['switch', 'decides', 'values', 'default', 'in this release'], policySwitchNames.map(row)),
  ]);
