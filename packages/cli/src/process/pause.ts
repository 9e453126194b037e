/** Waits, less long where the signal aborts. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  // Loaded here, as a command that is over at once should not wait for it.
  const { setTimeout: wait } = process.getBuiltinModule('node:timers/promises');
  await wait(milliseconds, undefined, signal && { signal }).catch(() => undefined);
}
