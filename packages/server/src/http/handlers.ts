import type { Route, RouteId } from '@coffer/contract';
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
  readonly signal: AbortSignal;
}

export interface OpenCall<Body = unknown> {
  readonly house: House;
  readonly origin: Origin;
  readonly body: Body;
}

/** What a handler may answer with: an object for JSON, finished JSON text, a stream, or nothing. */
export type Reply = object | { readonly text: string } | Response | void;

export type Handler = (call: Call<never>) => Promise<Reply>;
export type OpenHandler = (call: OpenCall<never>) => Promise<Reply>;

/** Every route has exactly one handler; leaving one out does not compile. */
export type Handlers = {
  readonly [Id in RouteId]: Handler | OpenHandler;
};

export type AnyRoute = Route;
