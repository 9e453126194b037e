// Loads nothing: `coffer run` checks names with it, and its start does not wait for zod.

/** What a secret's name may be: case-sensitive, never changed, unique in its scope (name table of the requirements). */
export const secretNamePattern = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;
/** What an environment variable's name may be; secrets of agent and project scope are injected under theirs. */
export const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** Slugs of organizations, projects, environments and agents. */
export const slugPattern = /^[a-z0-9](-?[a-z0-9])*$/;
export const slugMaxLength = 63;

/**
 * How a loader, shell, interpreter or tool could be made to run code (R-303 and others of their kind), and what
 * belongs to the process.
 */
export const reservedVariableNames = {
  prefixes: ['COFFER_', 'LD_', 'DYLD_', 'GIT_CONFIG_', 'LUA_INIT', 'CORECLR_', 'COR_PROFILER'],
  /** In whatever case: npm takes its settings so. */
  prefixesInAnyCase: ['NPM_CONFIG_'],
  names: [
    'NODE_OPTIONS NODE_PATH BUN_OPTIONS',
    'BASH_ENV ENV ZDOTDIR SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND IFS INPUTRC',
    'PYTHONSTARTUP PYTHONPATH PYTHONHOME PYTHONUSERBASE PYTHONBREAKPOINT PYTHONWARNINGS PYTHONPLATLIBDIR',
    'PERL5OPT PERL5LIB PERL5DB PERLLIB',
    'RUBYOPT RUBYLIB RUBYSHELL GEM_HOME GEM_PATH BUNDLE_GEMFILE',
    'LUA_PATH LUA_CPATH PHPRC PHP_INI_SCAN_DIR R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER TCLLIBPATH',
    'JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS JAVA_OPTS CLASSPATH MAVEN_OPTS GRADLE_OPTS ANT_OPTS',
    'DOTNET_STARTUP_HOOKS DOTNET_ADDITIONAL_DEPS DOTNET_SHARED_STORE COR_ENABLE_PROFILING',
    'ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS ELIXIR_ERL_OPTIONS',
    'GOFLAGS RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTFLAGS MAKEFLAGS GNUMAKEFLAGS MAKEFILES',
    'OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES GCONV_PATH',
    'GIT_CONFIG GIT_DIR GIT_EXEC_PATH GIT_TEMPLATE_DIR GIT_SSH GIT_SSH_COMMAND GIT_PROXY_COMMAND GIT_ASKPASS',
    'GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_PAGER GIT_EXTERNAL_DIFF',
    'SSH_ASKPASS SUDO_ASKPASS SUDO_EDITOR EDITOR VISUAL VIMINIT EXINIT',
    'PAGER MANPAGER SYSTEMD_PAGER LESSOPEN LESSCLOSE BROWSER',
    'SHELL PATH HOME USER PWD OLDPWD TERM TMPDIR',
  ].flatMap((line) => line.split(' ')),
} as const;

const reservedNames: ReadonlySet<string> = new Set(reservedVariableNames.names);

/** True where a secret or slot of this name is refused with `name_reserved`. */
export const isReservedVariableName = (name: string): boolean =>
  reservedNames.has(name) ||
  reservedVariableNames.prefixes.some((prefix) => name.startsWith(prefix)) ||
  reservedVariableNames.prefixesInAnyCase.some((prefix) => name.toUpperCase().startsWith(prefix));

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
