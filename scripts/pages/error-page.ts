import { errorTable, type ErrorCode } from '@coffer/contract';
import { errorOccasions } from './error-occasions.ts';
import { anchor, code, page, table } from './markdown.ts';

const intro = `# Errors

Generated from the error table of the contract by \`npm run generate\`.

The code is the identity of an error: it does not change, titles and messages may. Over HTTP an error is
\`application/problem+json\` (RFC 9457) with \`code\`, \`title\`, \`status\`, \`detail\`, an optional \`hint\`, \`requestId\` and,
where there are several findings, \`errors\`. Its \`type\` is \`https://coffer.dev/errors/<code>\`. On the command line the
message and hint go to stderr; with \`--json\` they are one line \`{"code", "message", "hint", "errors", "requestId"}\`: \`hint\`
is null where there is none, \`errors\` is there only where there are several findings, \`requestId\` only where the server
answered. No error holds a value.

HTTP \`-\` means that the error never crosses HTTP. Retry \`yes\` means that the same request may succeed later without a change.`;

const exitStatuses = `## Exit statuses

| status | meaning |
| --- | --- |
| 0 | done |
| 1 | something failed that has no status of its own; or a question was answered with no, and nothing was done |
| 2 | the command, a value or a file was not understood |
| 3 | not logged in |
| 4 | not allowed |
| 5 | not found |
| 6 | conflict: taken, in use, or another version |
| 7 | a start could not be resolved |
| 8 | the server or its storage cannot be reached |
| 9 | too many requests |
| 10 | the audit chain does not verify |
| 125, 126, 127 | \`coffer run\`: Coffer failed; the command cannot be executed; it is not found |
| 130 | Ctrl-C at a question |

\`coffer run\` ends with the status of its command, and 128 + N where signal N ended it.`;

const codes = Object.keys(errorTable) as ErrorCode[];

const row = (name: ErrorCode): string[] => {
  const { status, exitCode, title, retry } = errorTable[name];
  const http = status < 400 ? '-' : String(status);
  return [`[${code(name)}](${anchor(name)})`, http, String(exitCode), retry ? 'yes' : 'no', title];
};

const section = (name: ErrorCode): string =>
  `### ${name}\n\n${errorTable[name].title}. ${errorOccasions[name]}`;

export const writeErrorPage = (): string =>
  page([
    intro,
    table(['code', 'HTTP', 'exit', 'retry', 'title'], codes.map(row)),
    exitStatuses,
    '## When',
    ...codes.map(section),
  ]);
