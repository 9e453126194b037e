import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

describe('a command of a check', () => {
  it('answers with everything it said', async () => {
    const outcome = await runCommand('.', [process.execPath, '-e', 'console.log(1); console.error(2)']);
    expect(outcome.ok).toBe(true);
    expect(outcome.output.split('\n').toSorted()).toEqual(['', '1', '2']);
  });

  it('fails with the program, by status and by signal', async () => {
    expect(await runCommand('.', [process.execPath, '-e', 'process.exit(3)'])).toEqual({
      ok: false,
      output: '',
    });
    const killed = await runCommand('.', [process.execPath, '-e', 'process.kill(process.pid)']);
    expect(killed.ok).toBe(false);
  });

  it('fails when there is no such program', async () => {
    const outcome = await runCommand('.', ['no-such-program']);
    expect(outcome).toEqual({ ok: false, output: 'spawn no-such-program ENOENT' });
  });

  it('finds the programs that npm installed', async () => {
    expect((await runCommand(`${import.meta.dirname}/..`, ['tsc', '--version'])).output).toMatch(
      /^Version \d/,
    );
  });
});
