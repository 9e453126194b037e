import { CofferError } from '@coffer/contract/errors';

/**
 * Builds a path from a template, each part percent-encoded. An empty part and the dot segments, which
 * a URL parser would swallow together with the part before them, are a `usage_error`.
 */
export const path = (template: TemplateStringsArray, ...parts: readonly (string | number)[]): string =>
  template.reduce((built, text, index) => `${built}${encodePart(parts[index - 1] ?? '')}${text}`);

function encodePart(part: string | number): string {
  const text = String(part);
  if (text === '' || text === '.' || text === '..') {
    throw new CofferError('usage_error', {
      detail: text === '' ? 'A name, slug or id is empty.' : `"${text}" is no name, slug or id.`,
    });
  }
  return encodeURIComponent(text.toWellFormed());
}
