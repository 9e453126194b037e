/**
 * The token of a workload's link is `<workload id>.<secret>`: the id finds the row and the secret, of which
 * only the hash is stored, proves it. So no index by random hashes has to be kept on the hot path of starts.
 */
export const joinLinkToken = (workloadId: string, secret: string): string => `${workloadId}.${secret}`;

/** The two parts of a link token; any other token is a secret without an id. */
export const splitToken = (token: string): { workloadId: string | null; secret: string } => {
  const dot = token.indexOf('.');
  return dot === -1
    ? { workloadId: null, secret: token }
    : { workloadId: token.slice(0, dot), secret: token.slice(dot + 1) };
};
