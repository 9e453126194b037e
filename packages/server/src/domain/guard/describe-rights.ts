import { rights, type Rule } from './rights.ts';

/** One row of the table of rights, in the words of the documentation. */
export interface DescribedRight {
  readonly act: string;
  /** Who among people. */
  readonly who: string;
  /** What an API key needs; `any` where every key may. */
  readonly right: Rule['right'];
  /** How far that key must reach. */
  readonly reach: Rule['reach'];
}

/** The table that the guard decides by, as text. */
export const describeRights = (): DescribedRight[] =>
  Object.entries(rights).map(([act, { who, right, reach }]) => ({ act, who: who.words, right, reach }));
