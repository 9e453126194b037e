/** One request as it goes out; `url` is absolute. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  /** Set where an open request must not keep the program alive. */
  readonly inBackground: boolean;
}

export interface IncomingAnswer {
  readonly status: number;
  /** The whole body; instead of `chunks`. */
  readonly readText: () => Promise<string>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Sends a request and follows no redirect; rejects where no answer came back, whatever the reason. */
export type Transport = (request: OutgoingRequest) => Promise<IncomingAnswer>;
