/** What a TypeScript filter's file exports, at either of two levels. */
import type { FactoryContext, HttpFilterFactory } from "./factory.ts";
import type { HeaderMap } from "./header-map.ts";
import type { Logger } from "./logger.ts";
import type { StreamInfo } from "./stream-info.ts";

/** A request as an asynchronous filter sees it. */
export interface FilterRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Changes go upstream. */
  readonly headers: HeaderMap;
  /** Waits for the whole body (within the stream's buffer limit). */
  body(): Promise<Uint8Array>;
  /** The body as UTF-8. */
  text(): Promise<string>;
  /** Replaces the body; the content-length follows. */
  setBody(body: Uint8Array | string): void;
}

/** A response on its way back. */
export interface FilterResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  body(): Promise<Uint8Array>;
  text(): Promise<string>;
  setBody(body: Uint8Array | string): void;
}

/** Returned by onRequest to answer here instead of sending the request on. */
export interface FilterReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface FetchOptions {
  /** GET unless there is a body: then POST. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** 5000 by default. */
  readonly timeoutMs?: number;
}

export interface FetchResult {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  text(): string;
}

/** What an asynchronous filter may use while it handles one request. */
export interface RequestContext<Config = unknown> {
  /** The filter's, or the route's, configuration. */
  readonly config: Config;
  readonly streamInfo: StreamInfo;
  readonly log: Logger;
  /** Calls a cluster of the configuration: `url` is `cluster://<name>/path`. Local failures are 503 and 504 answers. */
  fetch(url: string, options?: FetchOptions): Promise<FetchResult>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/**
 * A filter's file exports this as its default. Give either `createFactory` (synchronous callbacks,
 * the fastest) or `onRequest` and/or `onResponse` (may await).
 */
export interface FilterModule<Config = unknown> {
  /** JSON schema (draft 2020-12) that the configuration must meet. */
  readonly configSchema?: object;
  createFactory?(
    config: Config,
    context: FactoryContext,
  ): HttpFilterFactory | Promise<HttpFilterFactory>;
  onRequest?(
    request: FilterRequest,
    context: RequestContext<Config>,
  ): Promise<FilterReply | undefined> | FilterReply | undefined | Promise<void> | void;
  onResponse?(response: FilterResponse, context: RequestContext<Config>): Promise<void> | void;
  /** What a failing filter does: answer 500 (the default), or let the request pass. */
  readonly onError?: "fail" | "skip";
}

/** Gives a filter's module its types. */
export function defineFilter<Config = unknown>(module: FilterModule<Config>): FilterModule<Config> {
  return module;
}
