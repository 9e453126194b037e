import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { usageError } from '../../terminal/usage.ts';

/**
 * Over plain http anybody on this machine may listen where we ask, pass the challenge on and keep the
 * session. So the answer goes only where the server itself says it listens. Throws `usage_error`.
 */
export async function refuseRelay(askedUrl: string, serverUrl: string): Promise<void> {
  const asked = new URL(askedUrl);
  // Its certificate says who answers.
  if (asked.protocol === 'https:') return;
  const server = new URL(serverUrl);
  if (server.protocol === 'http:' && asked.port === server.port) {
    // localhost may be two addresses, of which somebody else can have the other.
    const reached = await lookup(bare(asked.hostname), { all: true });
    if (reached.every(({ address }) => isListenedOn(bare(server.hostname), address))) return;
  }
  throw usageError(
    `Not logged in: the server listens on ${server.origin}, and who answers at ${asked.origin} may be another program.`,
    `Set the server’s own address, on the host or in the container where it runs: COFFER_URL=${reachableAt(server)}`,
  );
}

const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Listening on `::` takes IPv4 connections too. */
const isListenedOn = (listened: string, address: string): boolean =>
  listened === '::' || (listened === '0.0.0.0' ? isIPv4(address) : listened === address);

const reachableAt = ({ origin }: URL): string =>
  origin.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]');
