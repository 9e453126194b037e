/** Lists and records as columns hold them. What is read was written here, so its shape is trusted. */
export const writeJson = (value: object): string => JSON.stringify(value);
export const readJson = (text: string): unknown => JSON.parse(text);

export const toFlag = (value: boolean): number => (value ? 1 : 0);
