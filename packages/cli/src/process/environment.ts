/** What `coffer run` keeps from its own environment for the command, as data. */
export const environmentRules = {
  /** Coffer's own settings; never passed on unless named by `--pass-env`. */
  ownPrefix: 'COFFER_',
  /** A name that contains one of these, in any case, looks like a credential. */
  credentialWords: [
    'TOKEN',
    'SECRET',
    'PASSWORD',
    'PASSWD',
    'CREDENTIAL',
    'API_KEY',
    'APIKEY',
    'PRIVATE_KEY',
    'ACCESS_KEY',
  ],
  /** All that `--clean-env` keeps. */
  cleanNames: ['PATH', 'HOME', 'SHELL', 'TERM', 'LANG', 'TZ', 'TMPDIR', 'USER'],
  cleanPrefixes: ['LC_'],
} as const;

/** `guarded`: all but what looks like a credential; `inherited`: all but Coffer's own; `clean`: a short list. */
export type EnvironmentMode = 'guarded' | 'inherited' | 'clean';

export interface EnvironmentChoice {
  readonly mode: EnvironmentMode;
  /** Names let through whatever the mode says. */
  readonly passed: readonly string[];
}

export type ProcessEnvironment = Readonly<Record<string, string>>;

export interface InheritedEnvironment {
  readonly variables: ProcessEnvironment;
  /** Sorted names of what the mode left out. */
  readonly leftOut: readonly string[];
}

const isOwn = (name: string): boolean => name.toUpperCase().startsWith(environmentRules.ownPrefix);

const looksLikeCredential = (name: string): boolean => {
  const upper = name.toUpperCase();
  return environmentRules.credentialWords.some((word) => upper.includes(word));
};

const isClean = (name: string): boolean =>
  environmentRules.cleanNames.some((clean) => clean === name) ||
  environmentRules.cleanPrefixes.some((prefix) => name.startsWith(prefix));

const keeps: Record<EnvironmentMode, (name: string) => boolean> = {
  guarded: (name) => !isOwn(name) && !looksLikeCredential(name),
  inherited: (name) => !isOwn(name),
  clean: isClean,
};

/** The part of the caller's environment that the command may have. */
export function inheritEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  choice: EnvironmentChoice,
): InheritedEnvironment {
  const variables: Record<string, string> = {};
  const leftOut: string[] = [];
  const passed = new Set(choice.passed);
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) continue;
    if (passed.has(name) || keeps[choice.mode](name)) variables[name] = value;
    else leftOut.push(name);
  }
  return { variables, leftOut: leftOut.sort() };
}
