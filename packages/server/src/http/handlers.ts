import type { RouteId } from '@coffer/contract';
import type { Caller, Origin } from '../domain/guard/caller.ts';
import type { House } from './context.ts';

/** One request on its way through: parsed, with its caller. */
export interface Call<Body = unknown> {
  readonly house: House;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: never;
  readonly body: Body;
  readonly expected: number | undefined;
  /** Aborted when the client leaves. For streams: asking for it makes the Node server build a whole Request. */
  readonly abortSignal: () => AbortSignal;
}

export interface OpenCall<Body = unknown> {
  readonly house: House;
  readonly origin: Origin;
  readonly body: Body;
}

/** JSON text that is finished already: a delivery, which is never an object with values in it. */
export class FinishedJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A handler answers with an object for JSON, finished JSON, a response of its own, or nothing. */
export type Handler = (call: Call<never>) => Promise<unknown>;
export type OpenHandler = (call: OpenCall<never>) => Promise<unknown>;

/** Every route has exactly one handler; leaving one out does not compile. */
export type Handlers = {
  readonly [Id in RouteId]: Handler | OpenHandler;
};
