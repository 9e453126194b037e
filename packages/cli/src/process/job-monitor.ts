import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { runFailure } from './exit-status.ts';

/**
 * A shell that leads the session of a pseudo-terminal and runs the command as its foreground job, so that
 * Ctrl-Z stops the command: the kernel ignores it in a process group that has nobody above it in its session.
 * Descriptors: 3 tells us, 4 tells it, 5 is the command's stderr, 6 its stdin. Lines on 3, in order:
 *   pid P      the command runs as P
 *   stopped P  (only before a status) job P is stopped, not ended
 *   status N   the job stopped or ended with N; a line on 4 answers: `fg` resumes it, `exit` is the end
 */
const writeScript = (shell: string): string => `
exec 0<>"$1" 1>&0 2>/dev/null || exit 125
[ "$2" = elsewhere ] || exec 5>&0
[ "$3" = elsewhere ] || exec 6<&0
[ -n "$4" ] && stty "$4"
shift 4
set -m
trap : INT QUIT
${shell} -c 'echo "pid $$" >&3; exec "$@" 0<&6 2>&5 3>&- 4>&- 5>&- 6<&-' sh "$@"
status=$?
while :; do
  jobs -p >&3
  echo "status $status" >&3
  read -r answer <&4 || exit
  [ "$answer" = fg ] || exit "$status"
  fg >/dev/null
  status=$?
done
`;

export interface MonitoredCommand {
  readonly device: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Settings for the device, as `stty -g` prints them. */
  readonly settings: string | undefined;
  /** Where the command's stdin comes from, if not from the terminal. */
  readonly inputDescriptor: number | undefined;
  /** Where its stderr goes, if not to the terminal. */
  readonly errorDescriptor: number | undefined;
}

export interface JobMonitor {
  /** The command's own process id. */
  readonly pid: number;
  /** The command's exit status. The monitor stays until `leave`. */
  readonly ended: Promise<number>;
  /** Called when the command was stopped (Ctrl-Z); it goes on when the answer resolves. */
  onStop: () => Promise<void>;
  leave(): void;
}

export async function startJobMonitor(job: MonitoredCommand): Promise<JobMonitor> {
  const placeOf = (descriptor: number | undefined) => (descriptor === undefined ? 'terminal' : 'elsewhere');
  const [shell, ...options] = chooseShell(job.environment);
  const child = spawn(
    shell,
    [
      ...options,
      '-c',
      writeScript([shell, ...options].join(' ')),
      'coffer',
      job.device,
      placeOf(job.errorDescriptor),
      placeOf(job.inputDescriptor),
      job.settings ?? '',
      ...job.command,
    ],
    {
      // A session of its own: the device becomes its controlling terminal when the script opens it.
      detached: true,
      env: job.environment,
      stdio: [
        'ignore',
        'ignore',
        'ignore',
        'pipe',
        'pipe',
        job.errorDescriptor ?? 'ignore',
        job.inputDescriptor ?? 'ignore',
      ],
    },
  );
  await once(child, 'spawn');
  return listenTo(child);
}

const shells = {
  /** Small, but some (dash, busybox) drop variables whose names are no shell identifiers. */
  plain: ['/bin/sh'],
  /** Hands on exported functions (`BASH_FUNC_x%%`) and the like; `--posix` keeps it from running BASH_ENV. */
  exact: ['/bin/bash', '--posix'],
} as const;

function chooseShell(environment: MonitoredCommand['environment']): readonly [string, ...string[]] {
  const isPlain = Object.keys(environment).every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return isPlain || !existsSync(shells.exact[0]) ? shells.plain : shells.exact;
}

function listenTo(child: ChildProcess): Promise<JobMonitor> {
  const [, , , reports, answers] = child.stdio;
  if (!isReadable(reports) || !isWritable(answers)) throw new Error('the monitor has no channel');
  // The monitor may be gone before an answer reaches it; its end is told by `exit`.
  answers.on('error', () => undefined);
  return new Promise((resolve) => {
    let end: (status: number) => void = () => undefined;
    const monitor = {
      pid: child.pid ?? 0,
      ended: new Promise<number>((settle) => {
        end = settle;
      }),
      onStop: () => Promise.resolve(),
      leave: () => void answers.end('exit\n'),
    };
    let stopped = false;
    createInterface({ input: reports }).on('line', (line) => {
      const [word = '', number = ''] = line.split(' ');
      if (word === 'pid') {
        monitor.pid = Number(number);
        resolve(monitor);
      } else if (word !== 'status') {
        stopped = true;
      } else if (stopped) {
        stopped = false;
        void monitor.onStop().then(() => answers.write('fg\n'));
      } else {
        end(Number(number));
      }
    });
    child.on('exit', (code) => {
      end(code ?? runFailure.failed);
      resolve(monitor);
    });
  });
}

const isReadable = (stream: unknown): stream is NodeJS.ReadableStream =>
  typeof stream === 'object' && stream !== null && 'read' in stream;
const isWritable = (stream: unknown): stream is Writable =>
  typeof stream === 'object' && stream !== null && 'write' in stream;
