import { z } from 'zod';

/** The body of every refusal: `application/problem+json` (RFC 9457) with Coffer's `code`. */
export const Problem = z
  .object({
    type: z.string(),
    code: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    hint: z.string().optional(),
    requestId: z.string(),
    errors: z
      .array(
        z.object({
          code: z.string().optional(),
          path: z.string().optional(),
          name: z.string().optional(),
          secret: z.string().optional(),
          environment: z.string().optional(),
          agent: z.string().optional(),
          project: z.string().optional(),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
