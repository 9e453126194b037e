import type { ServerConfig } from '../config.ts';

/** Where `coffer login` asks without COFFER_URL. */
export const defaultUrl = 'http://127.0.0.1:7373';

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A server that listens everywhere is reached at loopback, where plain HTTP is taken too. */
const reachedAt = (url: string): string =>
  url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');

/** The command that gets in on this machine, for a shell. */
export const loginCommand = (
  { dataDir }: Pick<ServerConfig, 'dataDir'>,
  { url = defaultUrl, as }: { url?: string; as?: string },
): string =>
  [
    ...(url === defaultUrl ? [] : [`COFFER_URL=${reachedAt(url)}`]),
    `coffer login --local --data-dir ${quoted(dataDir)}`,
    ...(as === undefined ? [] : [`--as ${quoted(as)}`]),
  ].join(' ');
