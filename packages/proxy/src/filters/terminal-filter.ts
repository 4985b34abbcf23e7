/** What the last filter of a chain gets beyond a filter's callbacks: the route, the clusters, the way back. */
import type { FilterCallbacks } from "@legate/filter-sdk";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { Route } from "../router/route-table/contracts.ts";
import type { ClusterManager } from "../upstream/contracts.ts";

/** Hears when the client reads too slowly, or when held response data fills its buffer: pause the upstream. */
export interface DownstreamWatermarkListener {
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
}

export interface TerminalFilterCallbacks extends FilterCallbacks {
  readonly streamInfo: StreamInfo;
  readonly requestHeaders: HeaderMap | null;
  readonly clusterManager: ClusterManager;
  readonly downstreamConnectionId: number;
  /** The request asks for an upgrade that is allowed here: after 101 both directions stay open. */
  readonly isUpgrade: boolean;
  /** The request came whole (end of stream was seen by the connection manager). */
  readonly isRequestComplete: boolean;
  /** The request came from an internal address: x-envoy-* request headers are obeyed. */
  readonly isInternalRequest: boolean;
  /** Address text that a filter wants as upstream host; null for none. */
  readonly overrideHost: string | null;
  /** Uniform in [0, 1). */
  random(): number;
  route(): Route | null;
  /** The upstream's response enters the filters here, from the last to the first. */
  encode1xxHeaders(headers: HeaderMap): void;
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  encodeData(chunk: Uint8Array, endStream: boolean): void;
  encodeTrailers(trailers: HeaderMap): void;
  /** The upstream takes no more request body (true), or does again: pauses the client. Calls nest. */
  pauseRequest(pause: boolean): void;
  /** At most one listener: the terminal filter. It is told at once if the client is slow already. */
  setDownstreamWatermarkListener(listener: DownstreamWatermarkListener | null): void;
}
