import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    short: { type: 'boolean' },
    save: { type: 'boolean' },
    built: { type: 'boolean' },
  },
});

/** `--seconds N`: how long each measurement takes. */
export const readSeconds = (otherwise: number): number => Number(values.seconds ?? otherwise);
export const isShort = values.short === true;
/** `--built`: the bundle that is there is taken as it is. */
export const isBuilt = values.built === true;
