import { closeSync, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { CofferError } from '@coffer/contract/errors';
import { usageError } from '../../terminal/usage.ts';

/** `coffer.json` of a project folder: defaults for `coffer run`, and nothing else. */
export interface ProjectFile {
  readonly agent?: string;
  readonly environment?: string;
}

const fileName = 'coffer.json';
const fields = ['agent', 'environment'] as const;

/**
 * The nearest `coffer.json`, here or in a folder above; nothing where there is none. Throws `file_invalid`, and
 * `usage_error` where one above belongs to somebody else, who would choose what is started.
 */
export function readProjectFile(folder: string): ProjectFile {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, fileName);
    const text = at === folder ? findText(path) : findOwnText(path);
    if (text !== undefined) return parse(path, text);
    if (dirname(at) === at) return {};
  }
}

function findText(path: string, read = () => readFileSync(path, 'utf8')): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CofferError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw invalid(path, `cannot be read (${String(code)})`);
  }
}

/** A link's owner counts as much as that of what it leads to; nothing of others is opened, as a pipe may block. */
const findOwnText = (path: string): string | undefined =>
  findText(path, () => {
    refuseForeign(path, lstatSync(path));
    const file = openSync(path, 'r');
    try {
      refuseForeign(path, fstatSync(file));
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  });

function refuseForeign(path: string, { uid }: Stats): void {
  // Windows tells no owner.
  const own = process.getuid?.();
  if (own === undefined || uid === own || uid === 0) return;
  throw usageError(
    `${path} belongs to another user (uid ${uid}), and is not in the working folder.`,
    'Give --agent and --env, or put a coffer.json of your own into the working folder.',
  );
}

function parse(path: string, text: string): ProjectFile {
  const json = parseJson(path, text);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalid(path, 'is not an object');
  const found: { agent?: string; environment?: string } = {};
  for (const [key, value] of Object.entries(json)) {
    const field = fields.find((name) => name === key);
    if (field === undefined) throw invalid(path, 'has a field other than agent and environment');
    if (typeof value !== 'string' || value === '')
      throw invalid(path, `has a field ${field} that is not a text`);
    found[field] = value;
  }
  return found;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    throw invalid(path, 'is not JSON');
  }
}

const invalid = (path: string, what: string): CofferError =>
  new CofferError('file_invalid', {
    detail: `${path} ${what}.`,
    hint: 'It holds {"agent": "support-bot", "environment": "staging"}, either of them or both.',
  });
