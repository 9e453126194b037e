import type { WorkloadPulse } from '@coffer/contract';
import type { Caller } from '../domain/guard/caller.ts';
import type { Guard } from '../domain/guard/guard.ts';
import { readPulse } from '../domain/workloads/link.ts';
import { securityHeaders } from './respond.ts';

/** How often the change counter is looked at where no commit of this process hurried it. */
const pollMs = 500;
const keepAliveMs = 15_000;
/** No counter stands here: the first poll of a link looks. */
const notSeen = -1;

interface Link {
  readonly caller: Caller;
  readonly workloadId: string;
  readonly organizationId: string;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  told: { stop: boolean; restart: boolean; stale: string };
  seenChanges: number;
}

const encoder = new TextEncoder();
const frame = (event: string, data: unknown): Uint8Array =>
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

/**
 * The server's side of the runners' links: server-sent events for stop, restart and rotated. A commit in
 * this process wakes the links of its organization at once; what another replica committed is seen by
 * polling the change counter.
 */
export class LinkHub {
  readonly #guard: Guard;
  readonly #links = new Set<Link>();
  readonly #unsubscribe: () => void;
  #poll: NodeJS.Timeout | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#unsubscribe = guard.onChange((organizationId) => {
      for (const link of this.#links) if (link.organizationId === organizationId) void this.#refresh(link);
    });
  }

  get size(): number {
    return this.#links.size;
  }

  /** A response that stays open and tells the runner what the server wants. Throws `workload_not_found`. */
  async open(caller: Caller, workloadId: string, signal: AbortSignal): Promise<Response> {
    const pulse = await readPulse(this.#guard, caller, workloadId);
    let link: Link | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const told = { stop: false, restart: false, stale: '' };
        const organizationId = caller.organizationId ?? '';
        link = { caller, workloadId, organizationId, controller, told, seenChanges: notSeen };
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
    this.#poll ??= setInterval(() => void this.#pollChanges(), pollMs).unref();
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

  async #pollChanges(): Promise<void> {
    try {
      const organizations = new Set([...this.#links].map(({ organizationId }) => organizationId));
      for (const organizationId of organizations) {
        const head = await this.#guard.database.read(async (stores) => stores.audit.findHead(organizationId));
        for (const link of this.#links) {
          if (link.organizationId !== organizationId || link.seenChanges === head?.changes) continue;
          link.seenChanges = head?.changes ?? 0;
          await this.#refresh(link);
        }
      }
    } catch {
      // Storage is away: the links stay, and the next poll tries again.
    }
  }

  async #refresh(link: Link): Promise<void> {
    try {
      this.#tell(link, await readPulse(this.#guard, link.caller, link.workloadId));
    } catch {
      // The next change or poll tries again; the runner's heartbeat does not depend on this.
    }
  }

  #tell(link: Link, pulse: WorkloadPulse): void {
    const { told } = link;
    if (pulse.stop && !told.stop) this.#send(link, frame('stop', { stale: pulse.stale }));
    if (pulse.restart && !told.restart) this.#send(link, frame('restart', { stale: pulse.stale }));
    const stale = pulse.stale.join(' ');
    if (stale !== '' && stale !== told.stale) this.#send(link, frame('rotated', { stale: pulse.stale }));
    link.told = { stop: pulse.stop, restart: pulse.restart, stale };
  }

  #send(link: Link, bytes: Uint8Array): void {
    try {
      link.controller.enqueue(bytes);
    } catch {
      this.#drop(link);
    }
  }
}
