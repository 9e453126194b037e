import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, short: { type: 'boolean' }, save: { type: 'boolean' } },
});

/** `--seconds N`: how long each measurement takes. */
export const readSeconds = (otherwise: number): number => Number(values.seconds ?? otherwise);
export const isShort = values.short === true;
