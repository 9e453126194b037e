// Loads nothing: `coffer run` checks names with it, and its start does not wait for zod.

/** What a secret's name may be: case-sensitive, never changed, unique in its scope (name table of the requirements). */
export const secretNamePattern = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;
/** What an environment variable's name may be; secrets of agent and project scope are injected under theirs. */
export const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Slugs of organizations, projects, environments and agents. */
export const slugPattern = /^[a-z0-9](-?[a-z0-9])*$/;
export const slugMaxLength = 63;

/** How a loader, shell or interpreter could be made to run code, and what belongs to the process. */
export const reservedVariableNames = {
  prefixes: ['COFFER_', 'LD_', 'DYLD_', 'GIT_CONFIG_'],
  names: [
    'NODE_OPTIONS',
    'BASH_ENV',
    'ENV',
    'SHELLOPTS',
    'BASHOPTS',
    'PS4',
    'PROMPT_COMMAND',
    'IFS',
    'PYTHONSTARTUP',
    'PYTHONPATH',
    'PYTHONHOME',
    'PERL5OPT',
    'PERL5LIB',
    'RUBYOPT',
    'RUBYLIB',
    'JAVA_TOOL_OPTIONS',
    '_JAVA_OPTIONS',
    'JDK_JAVA_OPTIONS',
    'GIT_SSH_COMMAND',
    'GIT_EXTERNAL_DIFF',
    'GIT_CONFIG',
    'EDITOR',
    'VISUAL',
    'PAGER',
    'BROWSER',
    'SHELL',
    'PATH',
    'HOME',
    'USER',
    'PWD',
    'OLDPWD',
    'TERM',
    'TMPDIR',
  ],
} as const;

const reservedNames: ReadonlySet<string> = new Set(reservedVariableNames.names);

/** True where a secret or slot of this name is refused with `name_reserved`. */
export const isReservedVariableName = (name: string): boolean =>
  reservedNames.has(name) || reservedVariableNames.prefixes.some((prefix) => name.startsWith(prefix));

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

/** The largest value of a secret, in UTF-8 bytes. */
export const valueMaxBytes = 32 * 1024;
export const descriptionMaxLength = 1000;
/** Values shorter than this are delivered, but cannot be masked without harming the output. */
export const maskMinLength = 6;
/** Names and values of one process, in bytes, unless the operator sets another limit. */
export const processEnvironmentMaxBytes = 32 * 1024;
