/** What is known of a request while it is under way and when it is logged. */
import type { HeaderMap } from "./header-map.ts";

/** An address as Envoy prints it: `127.0.0.1:80`, `[::1]:80`. */
export interface Address {
  readonly ip: string;
  readonly port: number;
  /** `ip:port`, built once. */
  readonly text: string;
}

/** Times are monotonic ms (see Clock); -1 until the event happened. */
export interface StreamInfo {
  /** Process-wide unique. */
  readonly connectionId: number;
  readonly streamId: number;
  /** Wall clock, ms since the epoch. */
  readonly startTimeMs: number;
  readonly startMonotonicMs: number;
  lastDownstreamRxMs: number;
  firstUpstreamTxMs: number;
  lastUpstreamTxMs: number;
  firstUpstreamRxMs: number;
  lastUpstreamRxMs: number;
  firstDownstreamTxMs: number;
  lastDownstreamTxMs: number;
  /** `HTTP/1.0`, `HTTP/1.1`, `HTTP/2`; null before the request line was read. */
  protocol: string | null;
  /** 0 until a response started. */
  responseCode: number;
  /** Null when unset. Source: Envoy's response code details. */
  responseCodeDetails: string | null;
  /** Bits of ResponseFlag. */
  responseFlags: number;
  /** Body bytes. */
  bytesReceived: number;
  bytesSent: number;
  requestHeaderBytes: number;
  responseHeaderBytes: number;
  downstreamLocalAddress: Address;
  /** After x-forwarded-for and the like. */
  downstreamRemoteAddress: Address;
  downstreamDirectRemoteAddress: Address;
  upstreamHostAddress: Address | null;
  upstreamHostName: string | null;
  upstreamLocalAddress: Address | null;
  upstreamCluster: string | null;
  upstreamProtocol: string | null;
  upstreamConnectionId: number;
  upstreamTransportFailureReason: string | null;
  connectionTerminationDetails: string | null;
  /** Attempts so far, the first included; 0 before the router sent one. */
  attemptCount: number;
  routeName: string | null;
  virtualHostName: string | null;
  filterChainName: string | null;
  localReplyBody: string | null;
  requestedServerName: string | null;
  /** Dynamic metadata: namespace to Struct-like JSON. Null until the first write. */
  dynamicMetadata: Map<string, Record<string, unknown>> | null;
  /** Filter state by key; null until the first write. */
  filterState: Map<string, unknown> | null;
  requestHeaders: HeaderMap | null;
  requestTrailers: HeaderMap | null;
  responseHeaders: HeaderMap | null;
  responseTrailers: HeaderMap | null;
  /** True once health_check or x-envoy-… marked it: such streams can be left out of logs. */
  isHealthCheck: boolean;
  isComplete: boolean;
  setDynamicMetadata(namespace: string, value: Record<string, unknown>): void;
  setFilterState(key: string, value: unknown): void;
}

/** Response flags as bits, in the order in which Envoy prints them. Source: envoy/stream_info/stream_info.h. */
export const ResponseFlag = {
  FailedLocalHealthCheck: 1 << 0,
  NoHealthyUpstream: 1 << 1,
  UpstreamRequestTimeout: 1 << 2,
  LocalReset: 1 << 3,
  UpstreamRemoteReset: 1 << 4,
  UpstreamConnectionFailure: 1 << 5,
  UpstreamConnectionTermination: 1 << 6,
  UpstreamOverflow: 1 << 7,
  NoRouteFound: 1 << 8,
  DelayInjected: 1 << 9,
  FaultInjected: 1 << 10,
  RateLimited: 1 << 11,
  UnauthorizedExternalService: 1 << 12,
  RateLimitServiceError: 1 << 13,
  DownstreamConnectionTermination: 1 << 14,
  UpstreamRetryLimitExceeded: 1 << 15,
  StreamIdleTimeout: 1 << 16,
  InvalidEnvoyRequestHeaders: 1 << 17,
  DownstreamProtocolError: 1 << 18,
  UpstreamMaxStreamDurationReached: 1 << 19,
  ResponseFromCacheFilter: 1 << 20,
  NoFilterConfigFound: 1 << 21,
  DurationTimeout: 1 << 22,
  UpstreamProtocolError: 1 << 23,
  NoClusterFound: 1 << 24,
  OverloadManagerTerminated: 1 << 25,
  DnsResolutionFailed: 1 << 26,
  DropOverload: 1 << 27,
  DownstreamRemoteReset: 1 << 28,
  UnconditionalDropOverload: 1 << 29,
} as const;
