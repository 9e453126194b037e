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
