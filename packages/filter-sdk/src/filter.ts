/**
 * The synchronous contract of an HTTP filter: Envoy's StreamFilter. One instance serves one
 * request; the callbacks return at once and never throw. To wait for something, return a stop
 * status, and call continueDecoding or continueEncoding later.
 */
import type { BodyBuffer } from "./body-buffer.ts";
import type { HeaderMap } from "./header-map.ts";
import type {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  LocalReplyStatus,
} from "./statuses.ts";
import type { StreamInfo } from "./stream-info.ts";

/**
 * Implement only what the filter needs: an absent method costs nothing. Which methods exist is read
 * once from the class that the factory creates (they must be on the prototype, not added later).
 */
export interface HttpFilter {
  decodeHeaders?(headers: HeaderMap, endStream: boolean): FilterHeadersStatus;
  /** `data` may be changed in place; it belongs to the filter only during the call. */
  decodeData?(data: BodyBuffer, endStream: boolean): FilterDataStatus;
  decodeTrailers?(trailers: HeaderMap): FilterTrailersStatus;
  /** After the last part of the request went through this filter. */
  decodeComplete?(): void;
  /** 1xx other than 101. */
  encode1xxHeaders?(headers: HeaderMap): FilterHeadersStatus;
  encodeHeaders?(headers: HeaderMap, endStream: boolean): FilterHeadersStatus;
  encodeData?(data: BodyBuffer, endStream: boolean): FilterDataStatus;
  encodeTrailers?(trailers: HeaderMap): FilterTrailersStatus;
  encodeComplete?(): void;
  /** A local reply was ordered by any filter or by the proxy; last filter first. */
  onLocalReply?(code: number, details: string): LocalReplyStatus;
  /** The stream ended: last chance to change what is logged. */
  onStreamComplete?(): void;
  /** Called with the final record when access logs are written. */
  onAccessLog?(): void;
  /** The instance's end; cancel everything under way. No callback follows. */
  onDestroy?(): void;
}

/** The stream's side of the contract, given to the filter when it is created. */
export interface FilterCallbacks {
  readonly streamInfo: StreamInfo;
  /** Null before the request's headers arrived or after they were dropped. */
  readonly requestHeaders: HeaderMap | null;
  readonly requestTrailers: HeaderMap | null;
  readonly responseHeaders: HeaderMap | null;
  readonly responseTrailers: HeaderMap | null;
  /** What this direction has held back so far; shared by all filters; null when nothing is held. */
  readonly decodingBuffer: BodyBuffer | null;
  readonly encodingBuffer: BodyBuffer | null;
  /** Bytes; 0 means no limit. Raising it is allowed. */
  decoderBufferLimit: number;
  encoderBufferLimit: number;
  /** The most specific per-route configuration of this filter, as its parseRouteConfig made it. */
  routeConfig<T>(): T | null;
  /** All levels of it, least specific first: virtual host's parent, virtual host, route, weighted cluster. */
  routeConfigs<T>(): readonly T[];
  /** The route is matched anew at its next use. */
  clearRouteCache(): void;
  /** Resumes a stopped request. Not legal inside decode callbacks: return Continue there. */
  continueDecoding(): void;
  continueEncoding(): void;
  /** Adds body where Envoy's addDecodedData does: from headers, data and trailers callbacks, or while stopped. */
  addDecodedData(data: Uint8Array): void;
  addEncodedData(data: Uint8Array): void;
  /** Sends body to the next filter, past the manager's buffer; only outside callbacks. */
  injectDecodedData(data: Uint8Array, endStream: boolean): void;
  injectEncodedData(data: Uint8Array, endStream: boolean): void;
  /** Only in the last data callback; returns the empty map to fill. */
  addDecodedTrailers(): HeaderMap;
  addEncodedTrailers(): HeaderMap;
  /**
   * Answers the request here. `headers` holds names and values in turn. `grpcStatus` -1: mapped from
   * the code. After this call, decoding callbacks must return a stop status. Later calls are ignored.
   */
  sendLocalReply(
    code: number,
    body: string | Uint8Array,
    headers: readonly string[] | null,
    grpcStatus: number,
    details: string,
  ): void;
  /** Resets the stream; `details` becomes the response code details unless set. */
  resetStream(details: string): void;
}
