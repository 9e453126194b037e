import { rights as keyRights } from '@coffer/contract';
import { describeRights, type DescribedRight } from '@coffer/server';
import { code, list, page, table } from './markdown.ts';

const intro = `# Rights

Generated from the table that the guard decides by, with \`npm run generate\` (R-301). Nothing else decides.

Every request passes the guard, which decides and records. A person is judged by role, by owning the agent concerned and
by [policy](policy.md). An API key is judged by its rights and its reach, and never does more than its maker may, except to
start the agents that it names. What is not allowed answers 403 whether or not the target exists, and is recorded.`;

const keys = `## API keys

A key has one or more of the rights ${list(keyRights.map(code), 'and')}, and may be narrowed to a project, an agent and
environments. \`any\` means that every key may. How far a key must reach:

| reach | what the key needs |
| --- | --- |
| organization | bound to no agent and no project |
| place | reaches the agent or project concerned, and the environments touched (\`*\` touches all of them) |
| context | nothing: the answer tells only what the key may know |

A key with \`run\` names its agent and its environments. Only owners and admins make keys with \`admin\`.`;

const workloads = `## Workloads

The token of a workload opens its own link and nothing else: events, heartbeat and end. It reads no secret and starts nothing.`;

const row = ({ act, who, right, reach }: DescribedRight): string[] => [code(act), who, code(right), reach];

export const writeRightsPage = (): string =>
  page([
    intro,
    '## Who may do what',
    table(['act', 'people', 'right of a key', 'reach of a key'], describeRights().map(row)),
    keys,
    workloads,
  ]);
