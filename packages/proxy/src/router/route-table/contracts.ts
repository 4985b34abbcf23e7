/** What the connection manager and the filter chain see of the route table. */
import type { StreamInfo } from "@legate/filter-sdk";
import type { HeaderMap } from "../../http/header-map.ts";

/** A compiled RouteConfiguration; immutable. */
export interface RouteTable {
  readonly name: string;
  /** Names lowercase; internal_only_headers. */
  readonly internalOnlyHeaders: readonly string[];
  /** The first route that matches, or null. `randomValue` (0 ≤ v < 2^32) decides weights and fractions. */
  match(headers: HeaderMap, info: StreamInfo, randomValue: number): Route | null;
}

/** One matched route with all that is needed of its virtual host and weighted cluster; immutable, shared by requests. */
export interface Route {
  readonly name: string;
  readonly virtualHostName: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** Set when the proxy answers by itself. */
  readonly directResponse: DirectResponse | null;
  /** Set when the request goes upstream. */
  readonly forward: ForwardRoute | null;
  /** Per-filter configuration, most specific; key is the HttpFilter's name. */
  filterConfig(filterName: string): unknown;
  /** All levels that have one, least specific first. */
  filterConfigs(filterName: string): readonly unknown[];
  /** FilterConfig.disabled of the most specific level; null when no level says. */
  isFilterDisabled(filterName: string): boolean | null;
  /** request_body_buffer_limit / per_request_buffer_limit_bytes; -1 when unset. */
  readonly bufferLimitBytes: number;
  /** Applies response_headers_to_add/remove of all levels. */
  finalizeResponseHeaders(headers: HeaderMap, info: StreamInfo): void;
  /** Upgrade types this route says yes or no to, lowercase; null when it says nothing. */
  readonly upgrades: ReadonlyMap<string, boolean> | null;
  /** idle_timeout of the route, ms; -1 when unset, 0 off. */
  readonly idleTimeoutMs: number;
  /** max_stream_duration of the route, ms; -1 when unset, 0 off. */
  readonly maxStreamDurationMs: number;
}

export interface DirectResponse {
  readonly code: number;
  /** Redirects: writes `location`; others: route's own headers. Returns names and values in turn. */
  headers(requestHeaders: HeaderMap, info: StreamInfo): string[] | null;
  body(info: StreamInfo): string;
  readonly isRedirect: boolean;
}

export interface ForwardRoute {
  /** Chosen once at match (weights) or by cluster_header. */
  clusterName(headers: HeaderMap): string;
  readonly clusterNotFoundCode: number;
  readonly priority: 0 | 1;
  /** Ms; 0 off. */
  readonly timeoutMs: number;
  readonly retryPolicy: RetryPolicy | null;
  /** Rewrites path and host, adds and removes headers: just before the first attempt is sent. */
  finalizeRequestHeaders(headers: HeaderMap, info: StreamInfo, addEnvoyOriginalPath: boolean): void;
  readonly autoHostRewrite: boolean;
  readonly appendXForwardedHost: boolean;
  readonly includeAttemptCountInRequest: boolean;
  readonly includeAttemptCountInResponse: boolean;
  /** grpc_timeout_header_max in ms; -1 when unset, 0 unlimited. */
  readonly grpcTimeoutMaxMs: number;
  readonly grpcTimeoutOffsetMs: number;
}

export interface RetryPolicy {
  /** Bits of RetryOn, router/retry. */
  readonly retryOn: number;
  readonly numRetries: number;
  /** Ms; 0 off. */
  readonly perTryTimeoutMs: number;
  readonly perTryIdleTimeoutMs: number;
  readonly baseIntervalMs: number;
  readonly maxIntervalMs: number;
  readonly retriableStatusCodes: readonly number[];
  readonly hostSelectionMaxAttempts: number;
  readonly avoidPreviousHosts: boolean;
  matchesRetriableHeaders(responseHeaders: HeaderMap): boolean;
  matchesRetriableRequestHeaders(requestHeaders: HeaderMap): boolean;
}
