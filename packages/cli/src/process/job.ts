import { readFileSync, readlinkSync } from 'node:fs';
import { listFolder } from './list-folder.ts';
import { pause } from './pause.ts';
import { signalProcess } from './signal-process.ts';

const firstLookMs = 10;
const longestLookMs = 500;

export interface JobMarks {
  readonly leadsGroup: boolean;
  /** Whether a process writes where only the command, and what it started, can write. */
  readonly isWriter?: (pid: number) => boolean;
}

/**
 * A command with what it started, as far as that can be found: what descends from it (on Linux, in /proc), and
 * its process group where it leads one. What was seen once stays part of it when its parent ends before it; what
 * was not is recognised by where it writes, unless it has a session of its own, as a daemon does.
 */
export class Job {
  readonly #root: number;
  readonly #leadsGroup: boolean;
  readonly #isWriter: (pid: number) => boolean;
  /** When each began, by its id: the id of one that has ended may be another's by now. Parents come first. */
  readonly #members = new Map<number, string>();

  constructor(root: number, { leadsGroup, isWriter = () => false }: JobMarks) {
    this.#root = root;
    this.#leadsGroup = leadsGroup;
    this.#isWriter = isWriter;
    const began = findProcess(root)?.began;
    if (began !== undefined) this.#members.set(root, began);
  }

  /** Sends these, in this order, to all of it. */
  signal(...names: readonly NodeJS.Signals[]): void {
    const processes = listProcesses();
    const whole = this.#leadsGroup ? -this.#root : this.#root;
    if (processes === undefined || this.#leadsGroup) for (const name of names) signalProcess(whole, name);
    if (processes === undefined) return;
    this.#update(processes);
    for (const pid of this.#members.keys()) {
      if (this.#leadsGroup && processes.get(pid)?.group === this.#root) continue;
      for (const name of names) signalProcess(pid, name);
    }
  }

  /** Whether all of it has ended before that time is over. */
  async endsWithin(ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    for (let waitMs = firstLookMs; this.#isAlive(); waitMs = Math.min(waitMs * 2, longestLookMs)) {
      const left = end - performance.now();
      if (left <= 0) return false;
      await pause(Math.min(waitMs, left));
    }
    return true;
  }

  #isAlive(): boolean {
    const processes = listProcesses();
    if (processes === undefined) return exists(this.#leadsGroup ? -this.#root : this.#root);
    this.#update(processes);
    if (this.#members.size > 0) return true;
    return this.#leadsGroup && [...processes.values()].some(({ group }) => group === this.#root);
  }

  #update(processes: ReadonlyMap<number, Process>): void {
    for (const [pid, began] of this.#members) {
      if (processes.get(pid)?.began !== began) this.#members.delete(pid);
    }
    const children = new Map<number, number[]>();
    for (const [pid, { parent }] of processes) {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [pid]);
      else siblings.push(pid);
    }
    this.#addDescendants(processes, children);
    this.#addWriters(processes);
    this.#addDescendants(processes, children);
  }

  #addDescendants(processes: ReadonlyMap<number, Process>, children: ReadonlyMap<number, number[]>): void {
    // A map goes on with what is added to it on the way.
    for (const parent of this.#members.keys()) {
      for (const pid of children.get(parent) ?? []) {
        const began = processes.get(pid)?.began;
        if (began !== undefined && !this.#members.has(pid)) this.#members.set(pid, began);
      }
    }
  }

  #addWriters(processes: ReadonlyMap<number, Process>): void {
    const ours = processes.get(process.pid)?.session;
    for (const [pid, { session, began }] of processes) {
      if (session === ours && !this.#members.has(pid) && this.#isWriter(pid)) this.#members.set(pid, began);
    }
  }
}

interface Process {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly began: string;
}

/** Those that have not ended, by their ids; undefined where there is no /proc as Linux has it, or another's. */
function listProcesses(): ReadonlyMap<number, Process> | undefined {
  if (process.platform !== 'linux' || !isProcOurs()) return undefined;
  const found = new Map<number, Process>();
  for (const name of listFolder('/proc')) {
    const pid = Number(name);
    const one = Number.isInteger(pid) ? findProcess(pid) : undefined;
    if (one !== undefined) found.set(pid, one);
  }
  return found.size === 0 ? undefined : found;
}

/** In a namespace of process ids that came without a /proc of its own, the ids in it are not the ones we signal. */
function isProcOurs(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

/** `/proc/PID/stat`: pid (name) state ppid pgrp session, 15 more, the start; the name may hold anything. */
function findProcess(pid: number): Process | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const began = fields[19];
  // A zombie has ended, and only waits for its parent to take note.
  if (began === undefined || state === 'Z' || state === 'X') return undefined;
  return { parent: Number(parent), group: Number(group), session: Number(session), began };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user is there all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
