/** "1 secret of its own", "3 secrets of its own": a count with its noun, the first word of `what`. */
export const countOf = (count: number, what: string): string =>
  `${count} ${count === 1 ? what : what.replace(/^\w+/, '$&s')}`;
