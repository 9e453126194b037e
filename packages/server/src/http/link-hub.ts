import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { OrganizationId, WorkloadPulse } from '@coffer/contract';
import type { Caller } from '../domain/guard/caller.ts';
import type { Guard } from '../domain/guard/guard.ts';
import { readPulse, readPulses } from '../domain/workloads/link.ts';
import { securityHeaders } from './respond.ts';

/** How often the change counter is looked at where no commit of this process hurried it. */
const pollMs = 500;
/**
 * Links are looked at together, and then not again for a while, as writes may come faster than anybody needs to be
 * told: three times as long as looking took, within these limits.
 */
const pauseMs = { least: 100, most: 500 };
/** Links looked at in one go; between two, requests have their turn. */
const linksAtOnce = 200;
const keepAliveMs = 15_000;
/** No counter stands here: the first poll of a link looks. */
const notSeen = -1;

interface Link {
  readonly workloadId: string;
  readonly organizationId: OrganizationId;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  told: { stop: boolean; restart: boolean; rotations: string };
  seenChanges: number;
}

const encoder = new TextEncoder();
const frame = (event: string, data: unknown): Uint8Array =>
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

/**
 * The server's side of the runners' links: server-sent events for stop, restart and rotated. A commit in
 * this process that moves the change counter has the links of its organization looked at, all of them
 * together; what another replica committed is seen by polling the counter.
 */
export class LinkHub {
  readonly #guard: Guard;
  readonly #links = new Set<Link>();
  /** Organizations whose links are being looked at, with whether something has changed since. */
  readonly #looking = new Map<OrganizationId, { again: boolean }>();
  readonly #unsubscribe: () => void;
  #poll: NodeJS.Timeout | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#unsubscribe = guard.onChange((organizationId) => {
      if (this.#links.size > 0) this.#wake(organizationId);
    });
  }

  get size(): number {
    return this.#links.size;
  }

  /** A response that stays open and tells the runner what the server wants. Throws `workload_not_found`. */
  async open(caller: Caller, workloadId: string, signal: AbortSignal): Promise<Response> {
    const pulse = await readPulse(this.#guard, caller, workloadId);
    const { organizationId } = caller;
    if (organizationId === null) throw new Error('A workload belongs to an organization');
    let link: Link | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const told = { stop: false, restart: false, rotations: '[]' };
        link = { workloadId, organizationId, controller, told, seenChanges: notSeen };
        this.#links.add(link);
        controller.enqueue(encoder.encode(': linked\n\n'));
        this.#tell(link, pulse);
        this.#startTimers();
      },
      cancel: () => {
        if (link !== undefined) this.#drop(link);
      },
    });
    signal.addEventListener('abort', () => {
      if (link !== undefined) this.#drop(link);
    });
    return new Response(stream, {
      status: 200,
      headers: { ...securityHeaders, 'content-type': 'text/event-stream' },
    });
  }

  /** Ends every link; runners reconnect elsewhere. */
  close(): void {
    this.#unsubscribe();
    for (const link of [...this.#links]) {
      this.#drop(link);
      try {
        link.controller.close();
      } catch {
        continue;
      }
    }
  }

  #startTimers(): void {
    this.#poll ??= setInterval(() => {
      for (const id of new Set([...this.#links].map(({ organizationId }) => organizationId))) this.#wake(id);
    }, pollMs).unref();
    this.#keepAlive ??= setInterval(() => {
      for (const link of this.#links) this.#send(link, encoder.encode(': alive\n\n'));
    }, keepAliveMs).unref();
  }

  #drop(link: Link): void {
    this.#links.delete(link);
    if (this.#links.size > 0) return;
    clearInterval(this.#poll);
    clearInterval(this.#keepAlive);
    this.#poll = undefined;
    this.#keepAlive = undefined;
  }

  /** Looks at an organization's links now, or once more where somebody is just looking. */
  #wake(organizationId: OrganizationId): void {
    const looking = this.#looking.get(organizationId);
    if (looking === undefined) void this.#keepLooking(organizationId);
    else looking.again = true;
  }

  async #keepLooking(organizationId: OrganizationId): Promise<void> {
    const looking = { again: true };
    this.#looking.set(organizationId, looking);
    while (looking.again) {
      looking.again = false;
      const startedAt = performance.now();
      try {
        await this.#look(organizationId);
      } catch {
        // Storage is away: the links stay, and the next poll tries again.
      }
      const tookMs = performance.now() - startedAt;
      const pause = Math.min(pauseMs.most, Math.max(pauseMs.least, 3 * tookMs));
      await sleep(pause, undefined, { ref: false });
    }
    this.#looking.delete(organizationId);
  }

  /** Tells the links that have not seen the counter where it stands. */
  async #look(organizationId: OrganizationId): Promise<void> {
    const head = await this.#guard.database.read(async (stores) => stores.audit.findHead(organizationId));
    const changes = head?.changes ?? 0;
    const behind = [...this.#links].filter(
      (link) => link.organizationId === organizationId && link.seenChanges !== changes,
    );
    for (let from = 0; from < behind.length; from += linksAtOnce) {
      const links = behind.slice(from, from + linksAtOnce);
      const ids = links.map(({ workloadId }) => workloadId);
      const pulses = await readPulses(this.#guard, organizationId, ids);
      for (const link of links) {
        const pulse = pulses.get(link.workloadId);
        link.seenChanges = changes;
        if (pulse !== undefined && this.#links.has(link)) this.#tell(link, pulse);
      }
      await nextTurn();
    }
  }

  #tell(link: Link, pulse: WorkloadPulse): void {
    const { told } = link;
    if (pulse.stop && !told.stop) this.#send(link, frame('stop', { stale: pulse.stale }));
    if (pulse.restart && !told.restart) this.#send(link, frame('restart', { stale: pulse.stale }));
    const { stale, newest = [] } = pulse;
    const rotations = JSON.stringify(newest);
    if (stale.length > 0 && rotations !== told.rotations)
      this.#send(link, frame('rotated', { stale, newest }));
    link.told = { stop: pulse.stop, restart: pulse.restart, rotations };
  }

  #send(link: Link, bytes: Uint8Array): void {
    try {
      link.controller.enqueue(bytes);
    } catch {
      this.#drop(link);
    }
  }
}
