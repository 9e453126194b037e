import { z } from 'zod';
import { slugMaxLength, slugPattern } from './names.ts';

export const Slug = z
  .string()
  .max(slugMaxLength)
  .regex(
    slugPattern,
    'expected lower-case letters, digits and single hyphens between them, such as support-bot',
  );
/** The environment a value serves: a slug, or `*` for all of them. */
export const ValueSlot = z.union([z.literal('*'), Slug]);
