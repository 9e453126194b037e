import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What does not pass; a connection stays open all the same. */
type Silence = 'none' | 'answers' | 'all';

/** A way to a database that can fall silent as a network does: nothing passes, and nothing is closed. */
export interface SilentProxy {
  /** The database, by this way. */
  readonly url: string;
  /** From now on nothing passes, or no answers; connections are still accepted. */
  fallSilent(what?: 'answers' | 'all'): void;
  /** New connections pass again, those that fell silent stay so. */
  serveNew(): void;
  /** Everything passes again, what was held back first. */
  serve(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly front: Socket;
  readonly back: Socket;
  silence: Silence;
}

const apply = ({ front, back, silence }: Pair): void => {
  if (silence === 'all') front.pause();
  else front.resume();
  if (silence === 'none') back.resume();
  else back.pause();
};

/** Stands in front of the server of this URL, on a loopback port of its own. */
export const startSilentProxy = async (url: string): Promise<SilentProxy> => {
  const target = new URL(url);
  const pairs = new Set<Pair>();
  let silence: Silence = 'none';
  const setAll = (wanted: Silence): void => {
    silence = wanted;
    for (const pair of pairs) {
      pair.silence = wanted;
      apply(pair);
    }
  };
  const server = createServer((front) => {
    const back = connect(Number(target.port), target.hostname);
    const pair: Pair = { front, back, silence };
    pairs.add(pair);
    for (const [one, other] of [
      [front, back],
      [back, front],
    ] as const) {
      one.on('data', (bytes) => other.write(bytes));
      one.on('error', () => undefined);
      one.on('close', () => {
        if (pair.silence === 'none') other.destroy();
      });
    }
    apply(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    fallSilent: (what = 'all') => setAll(what),
    serveNew: () => {
      silence = 'none';
    },
    serve: () => setAll('none'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { front, back } of pairs) {
          front.destroy();
          back.destroy();
        }
      }),
  };
};
