/** Holds a request until its body is complete, then sends it on with a content-length. */
import type { BodyBuffer, FilterCallbacks, HeaderMap, HttpFilter } from "@legate/filter-sdk";
import { FilterDataStatus, FilterHeadersStatus, FilterTrailersStatus } from "@legate/filter-sdk";

export interface BufferConfig {
  /** Above it the request is answered 413. */
  readonly maxRequestBytes: number;
}

/** Per route: another limit, or off. */
export type BufferRouteConfig =
  | { readonly isDisabled: true }
  | ({ readonly isDisabled: false } & BufferConfig);

export class BufferFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly config: BufferConfig;
  private headers: HeaderMap | null = null;
  private bodyBytes = 0;

  constructor(callbacks: FilterCallbacks, config: BufferConfig) {
    this.callbacks = callbacks;
    this.config = config;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    if (endStream) return FilterHeadersStatus.Continue;
    const route = this.callbacks.routeConfig<BufferRouteConfig>();
    if (route?.isDisabled) return FilterHeadersStatus.Continue;
    this.callbacks.decoderBufferLimit =
      route === null ? this.config.maxRequestBytes : route.maxRequestBytes;
    this.headers = headers;
    return FilterHeadersStatus.StopIteration;
  }

  decodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    if (this.headers === null) return FilterDataStatus.Continue;
    this.bodyBytes += data.length;
    if (!endStream) return FilterDataStatus.StopIterationAndBuffer;
    this.addContentLength(this.headers);
    return FilterDataStatus.Continue;
  }

  decodeTrailers(): FilterTrailersStatus {
    if (this.headers !== null) this.addContentLength(this.headers);
    return FilterTrailersStatus.Continue;
  }

  private addContentLength(headers: HeaderMap): void {
    if (!headers.has("content-length")) headers.set("content-length", String(this.bodyBytes));
  }
}
