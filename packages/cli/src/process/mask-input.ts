import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { DescriptorWriter } from './descriptor-writer.ts';
import { type MaskStream, MaskedOutput } from './masked-output.ts';
import { releaseAfterMs } from './run-beside.ts';

/** Carries stdin through the mask to stdout until it ends; gives the exit status, as `cat` would have it. */
export async function maskStandardInput(mask: MaskStream): Promise<number> {
  const writer = new DescriptorWriter(1);
  const through = { openMask: () => Promise.resolve(mask), writer };
  const output = new MaskedOutput(process.stdin, through, isatty(1) ? { releaseAfterMs } : {});
  await output.ended;
  await output.finish();
  if (writer.failure === undefined) return 0;
  return writer.failure.code === 'EPIPE' ? 128 + constants.signals.SIGPIPE : 1;
}
