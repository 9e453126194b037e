/**
 * Commands are plain data: the packages list theirs, and the command line's terminal parses, helps,
 * completes, runs and reports them all. Data loads at once, what a command does only when it is run.
 */
export type Command = RunnableCommand | CommandGroup;

interface CommandWord {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, no full stop. */
  readonly summary: string;
}

/** A word with commands below it, such as `coffer agent`. */
export interface CommandGroup extends CommandWord {
  readonly commands: () => Promise<readonly Command[]>;
}

export interface RunnableCommand extends CommandWord {
  /** What the summary leaves open: rules, forms, what happens to whom. Plain lines. */
  readonly description?: string;
  readonly arguments?: readonly CommandArgument[];
  /** Besides `--json` and `--help`, which every command has. */
  readonly options?: readonly CommandOption[];
  readonly examples: readonly [string, ...string[]];
  /** The words after `--`, or from the first positional on, belong to another program (`coffer run`). */
  readonly passesOn?: true;
  /** Exit status of every failure, wrong usage included, instead of the error table's (`coffer run`: 125). */
  readonly failureStatus?: number;
  readonly load: () => Promise<CommandAction>;
  /** Commands below this one, such as `coffer server backup` below `coffer server`. */
  readonly commands?: () => Promise<readonly Command[]>;
}

/** What shell completion may ask the server or the contract for; names only. */
export type Completable =
  | 'agent'
  | 'secret'
  /** What an agent gets at a start: its own secrets and its project's. */
  | 'received'
  | 'environment'
  | 'project'
  | 'member'
  | 'organization'
  /** A right of an API key. */
  | 'right'
  | 'policy_switch'
  /** What the switch takes that was named before. */
  | 'policy_value';

export interface CommandArgument {
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** Takes all the words that are left. */
  readonly repeatable?: true;
  readonly choices?: readonly string[];
  readonly completes?: Completable;
}

export interface CommandOption {
  /** The long name without its dashes. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly short?: string;
  /** The word that stands for its value in help; an option without one is a switch. */
  readonly value?: string;
  readonly repeatable?: true;
  readonly choices?: readonly string[];
  readonly completes?: Completable;
  readonly summary: string;
}

/** Does the command. A number is the exit status, nothing is 0; failures are thrown as `CofferError`. */
export type CommandAction = (given: CommandInput, terminal: CommandTerminal) => Promise<number | undefined>;

/** What was given on the command line, checked against the command's data. Options go by their `name`. */
export interface CommandInput {
  readonly positionals: readonly string[];
  /** The other program's words, of a command that passes on. */
  readonly passedOn: readonly string[];
  has(option: string): boolean;
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
}

export interface CommandTerminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--json` was given: results are one JSON document, and words that it carries are not said again. */
  readonly json: boolean;
  /** A person is there to be asked. */
  readonly interactive: boolean;
  /** A line of the result, to stdout. Control characters are made harmless. */
  print(line: string): void;
  printJson(value: unknown): void;
  printTable(columns: readonly string[], rows: readonly (readonly string[])[]): Promise<void>;
  /** A line of words, to stderr: what was done, warnings, hints. */
  say(line: string): void;
  /** One line typed by a person, never shown where `hidden`; Ctrl-C ends the command with status 130. */
  ask(question: string, how: { readonly hidden: boolean }): Promise<string>;
  /** `y` or `yes`, in any case. */
  confirm(question: string): Promise<boolean>;
}
