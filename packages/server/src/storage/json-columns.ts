/** Lists and records as columns hold them. What is read was written by this file, so its shape is trusted. */
export const writeJson = (value: object): string => JSON.stringify(value);
export const readList = <Item>(text: string): readonly Item[] => JSON.parse(text) as readonly Item[];
export const readRecord = (text: string): Readonly<Record<string, unknown>> =>
  JSON.parse(text) as Readonly<Record<string, unknown>>;

export const toFlag = (value: boolean): number => (value ? 1 : 0);
