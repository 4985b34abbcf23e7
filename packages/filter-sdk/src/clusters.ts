/** Calls that a filter makes through a cluster of the configuration. */
import type { HeaderMap } from "./header-map.ts";

export interface HttpCallRequest {
  /** Cluster name. */
  readonly cluster: string;
  /** Names and values in turn; `:method`, `:path` and `:authority` (or host) are required. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
  readonly trailers?: readonly string[] | null;
  /** Ms; 0 means none. On expiry the answer is a 504, as from Envoy's async client. */
  readonly timeoutMs: number;
}

export interface HttpCallCallbacks {
  /** The whole response; local failures arrive as 503 or 504 responses. */
  onHttpCallSuccess(headers: HeaderMap, body: Uint8Array, trailers: HeaderMap | null): void;
  /** The call was reset before a response. */
  onHttpCallFailure(reason: string): void;
}

export interface HttpCall {
  /** Refused at once (no host, circuit breaker): the 503 follows, never before httpCall returned. */
  readonly isRefused: boolean;
  /** Ends it; no callback follows. */
  cancel(): void;
}

export interface Clusters {
  has(name: string): boolean;
  /** Null when the cluster is unknown or a required pseudo header is missing. */
  httpCall(request: HttpCallRequest, callbacks: HttpCallCallbacks): HttpCall | null;
}
