/** Signals a process, or with a negative id a process group; that it has just ended is no failure. */
export function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    return;
  }
}
