import type { Load } from '../load/generate-load.ts';

/** A server with the Vault API, given by BENCH_VAULT_ADDR and BENCH_VAULT_TOKEN; undefined where neither is given. */
export interface VaultPeer {
  /** Writes one entry with these fields, and one entry per field. */
  fill(fields: Readonly<Record<string, string>>): Promise<void>;
  readonly readOneEntry: VaultLoad;
  readonly readEachEntry: VaultLoad;
  readonly write: VaultLoad;
}

type VaultLoad = Pick<Load, 'url' | 'method' | 'path' | 'headers' | 'body' | 'slots'>;

const mount = 'coffer-bench';
export const entryCount = 20;

export const findVault = async (): Promise<VaultPeer | undefined> => {
  const url = process.env['BENCH_VAULT_ADDR'];
  const token = process.env['BENCH_VAULT_TOKEN'];
  if (url === undefined || token === undefined) return undefined;
  const headers = { 'x-vault-token': token, 'content-type': 'application/json' };
  const post = async (path: string, body: unknown): Promise<Response> =>
    fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

  const mounted = await post(`sys/mounts/${mount}`, { type: 'kv', options: { version: '2' } });
  // 400: the mount is there from a run before.
  if (!mounted.ok && mounted.status !== 400) throw new Error(`${url} answered ${mounted.status}`);
  const load = (rest: Omit<VaultLoad, 'url' | 'headers'>): VaultLoad => ({ url, headers, ...rest });
  return {
    async fill(fields) {
      const write = async (entry: string, data: unknown): Promise<void> => {
        const answer = await post(`${mount}/data/${entry}`, { data });
        if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      };
      await write('agent', fields);
      for (const [at, value] of Object.values(fields).entries()) await write(`agent-${at}`, { value });
    },
    readOneEntry: load({ method: 'GET', path: `/v1/${mount}/data/agent` }),
    readEachEntry: load({ method: 'GET', path: `/v1/${mount}/data/agent-{slot}`, slots: entryCount }),
    write: load({
      method: 'POST',
      path: `/v1/${mount}/data/written-{slot}`,
      body: '{"data":{"value":"0123456789012345678901234567-{n}"}}',
      slots: 1000,
    }),
  };
};
