import { z } from 'zod';

/** What a secret's name may be: case-sensitive, never changed, unique in its scope (name table of the requirements). */
export const secretNamePattern = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;
/** What an environment variable's name may be; secrets of agent and project scope are injected under theirs. */
export const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Slugs of organizations, projects, environments and agents. */
export const slugPattern = /^[a-z0-9](-?[a-z0-9])*$/;
export const slugMaxLength = 63;

export const Slug = z
  .string()
  .max(slugMaxLength)
  .regex(
    slugPattern,
    'expected lower-case letters, digits and single hyphens between them, such as support-bot',
  );
/** The environment a value serves: a slug, or `*` for all of them. */
export const ValueSlot = z.union([z.literal('*'), Slug]);

export const isSecretName = (name: string): boolean => secretNamePattern.test(name);
export const isVariableName = (name: string): boolean => variableNamePattern.test(name);
export const isSlug = (text: string): boolean => text.length <= slugMaxLength && slugPattern.test(text);

/** The valid name nearest to what was typed, or undefined where nothing of it can be kept. */
export const nearestName = (typed: string, allowHyphen: boolean): string | undefined => {
  const allowed = allowHyphen ? /[^A-Za-z0-9_-]+/g : /[^A-Za-z0-9_]+/g;
  const kept = typed
    .replace(allowed, '_')
    .replace(/^[^A-Za-z_]+/, (lead) => `_${lead.replace(/^-+/, '')}`)
    .replace(/_+$/, '')
    .slice(0, 128);
  const pattern = allowHyphen ? secretNamePattern : variableNamePattern;
  return pattern.test(kept) && /[A-Za-z0-9]/.test(kept) ? kept : undefined;
};

/** The slug nearest to what was typed, or undefined where nothing of it can be kept. */
export const nearestSlug = (typed: string): string | undefined => {
  const kept = typed
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, slugMaxLength)
    .replace(/-$/, '');
  return isSlug(kept) ? kept : undefined;
};

/** The largest value of a secret, in UTF-8 bytes. */
export const valueMaxBytes = 32 * 1024;
export const descriptionMaxLength = 1000;
/** Values shorter than this are delivered, but cannot be masked without harming the output. */
export const maskMinLength = 6;
/** Names and values of one process, in bytes, unless the operator sets another limit. */
export const processEnvironmentMaxBytes = 32 * 1024;
