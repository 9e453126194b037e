import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ClientOptions } from '@coffer/sdk';
import { startWorkload } from '@coffer/sdk/runner';

export async function runAgent(options: ClientOptions, program: string): Promise<number> {
  // #region run
  const { variables, link } = await startWorkload(options, {
    agent: 'support-bot',
    environment: 'production',
    output: 'unmasked',
  });
  const secrets = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], ...secrets },
    stdio: 'inherit',
  });

  link.listen({
    stop: () => child.kill('SIGTERM'),
    rotated: (stale) => process.stderr.write(`newer versions: ${stale.join(', ')}\n`),
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const exitStatus = code ?? 143;
  await link.end(exitStatus);
  // #endregion
  return exitStatus;
}
