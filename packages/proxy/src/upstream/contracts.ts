/** What the router and callouts see of the upstream stage. */
import type { Address, StatsScope } from "@legate/filter-sdk";
import type { RequestEncoder, ResponseDecoder } from "../http/codec.ts";
import type { HeaderMap } from "../http/header-map.ts";

export type Priority = 0 | 1; // DEFAULT, HIGH (config.core.v3.RoutingPriority)

/** One endpoint, as a worker sees it. Source: envoy/upstream/upstream.h, Host. */
export interface Host {
  readonly address: Address;
  /** endpoint.hostname, or the DNS name of a DNS cluster; "" if none. */
  readonly hostname: string;
  readonly clusterName: string;
  readonly weight: number;
  readonly priority: number;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** Active requests of this worker. */
  activeRequests: number;
  isHealthy(): boolean;
  /** Counts a response of an upstream (rq_success, rq_error); called by the router once per attempt. */
  onResponse(code: number): void;
  onTimeout(): void;
}

/** What a load balancer may ask about the request it chooses for; all may be null. */
export interface LoadBalancerContext {
  readonly requestHeaders: HeaderMap | null;
  readonly downstreamConnectionId: number;
  /** Hosts that earlier attempts used; retry predicates may refuse them. */
  shouldSelectAnotherHost(host: Host): boolean;
  /** How often to choose anew when shouldSelectAnotherHost says true; 1 by default. */
  readonly hostSelectionRetryCount: number;
  /** Address text that must be chosen if usable; null for none. */
  readonly overrideHost: string | null;
  /** -1 when no hash policy gave one. */
  readonly hash: bigint | null;
}

export const PoolFailureReason = {
  Overflow: 0,
  LocalConnectionFailure: 1,
  RemoteConnectionFailure: 2,
  Timeout: 3,
} as const;
export type PoolFailureReason = (typeof PoolFailureReason)[keyof typeof PoolFailureReason];

/** Told once how a request for an upstream stream ended; then the pool forgets them. */
export interface PoolCallbacks {
  /** The response decoder given to newStream is attached; write the request now. */
  onPoolReady(encoder: RequestEncoder, host: Host, connection: UpstreamConnectionInfo): void;
  /** `detail` is the transport's text (`delayed_connect_error:_Connection_refused`), "" if none. */
  onPoolFailure(reason: PoolFailureReason, detail: string, host: Host | null): void;
}

export interface UpstreamConnectionInfo {
  readonly id: number;
  readonly localAddress: Address | null;
  readonly protocol: string;
}

export interface PendingStream {
  /** The host that was chosen. */
  readonly host: Host;
  /** Gives up waiting; no callback follows. */
  cancel(): void;
}

/** Result of Cluster.newStream when no host can be chosen. */
export const NO_HOST: unique symbol = Symbol("no host");

/** One cluster on one worker. */
export interface Cluster {
  readonly name: string;
  /** observability_name: `alt_stat_name` or the name; used in stats and logs. */
  readonly statName: string;
  /** `cluster.<statName>.` */
  readonly stats: StatsScope;
  readonly maxRequestsPerConnection: number;
  /** 0 when none. Source: common_http_protocol_options.max_stream_duration of the cluster. */
  readonly maxStreamDurationMs: number;
  readonly perConnectionBufferLimitBytes: number;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly circuitBreakers: CircuitBreakers;
  /** maintenance_mode and drop_overload: not in this version. */
  /**
   * Chooses a host and asks its pool for a stream. Calls back at once (before returning, result
   * null) when a connection is idle or refusal is immediate, later otherwise. NO_HOST: no healthy upstream.
   */
  newStream(
    priority: Priority,
    context: LoadBalancerContext | null,
    decoder: ResponseDecoder,
    callbacks: PoolCallbacks,
  ): PendingStream | null | typeof NO_HOST;
}

/** Process-wide limits of a cluster, shared between workers. Source: config.cluster.v3.CircuitBreakers. */
export interface CircuitBreakers {
  /** Takes one retry from the budget; false when none is left (then upstream_rq_retry_overflow counts). */
  tryAcquireRetry(priority: Priority): boolean;
  releaseRetry(priority: Priority): void;
}

export interface ClusterManager {
  /** Null when there is no such cluster. */
  get(name: string): Cluster | null;
}
