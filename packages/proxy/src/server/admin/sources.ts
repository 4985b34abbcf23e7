/** What the admin endpoints read and do; implemented by the main thread. */

import type { StatsRegistry } from "../../observability/stats/registry.ts";
import type { CompileFilter } from "../../observability/stats/stats-query.ts";
import type { FixedTags } from "../../observability/stats/tags.ts";
import type { HostData } from "../../upstream/host.ts";

/** A host's counts, summed over the workers. */
export interface HostCounts {
  readonly cx_active: number;
  readonly cx_connect_fail: number;
  readonly cx_total: number;
  readonly rq_active: number;
  readonly rq_error: number;
  readonly rq_pending_active: number;
  readonly rq_success: number;
  readonly rq_timeout: number;
  readonly rq_total: number;
}

export interface HostSnapshot {
  readonly data: HostData;
  readonly counts: HostCounts;
  /** Envoy's flags that are set (`failed_active_hc`); none means healthy. */
  readonly healthFlags: readonly string[];
  /** -1 without outlier detection. */
  readonly successRate: number;
  readonly localOriginSuccessRate: number;
}

export interface CircuitBreakerLimits {
  readonly max_connections: number;
  readonly max_pending_requests: number;
  readonly max_requests: number;
  readonly max_retries: number;
}

export interface ClusterSnapshot {
  readonly name: string;
  readonly observabilityName: string;
  readonly defaultPriority: CircuitBreakerLimits;
  readonly highPriority: CircuitBreakerLimits;
  readonly addedViaApi: boolean;
  /** EDS service name; null for other clusters. */
  readonly edsServiceName: string | null;
  readonly hosts: readonly HostSnapshot[];
}

export interface ListenerSnapshot {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
}

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface LogControl {
  setAllLevels(level: number): void;
  /** Null, or why nothing was changed. */
  setLevels(text: string): string | null;
  levels(): [name: string, level: string][];
}

export interface AdminSources {
  readonly stats: StatsRegistry;
  readonly fixedTags: FixedTags;
  readonly log: LogControl;
  readonly compileRegex: CompileFilter;
  /** Renews server.* gauges; called before stats are read. */
  updateStats(): void;
  clusters(): readonly ClusterSnapshot[];
  listeners(): readonly ListenerSnapshot[];
  /** The `configs` of /config_dump in Envoy's order, proto names, each with its `@type`, secrets redacted. */
  configDumps(includeEds: boolean): readonly JsonObject[];
  /** admin.v3.ServerInfo in proto names, all defaults printed. */
  serverInfo(): JsonObject;
  /** LIVE, DRAINING, PRE_INITIALIZING or INITIALIZING. */
  state(): string;
  /** Names of what is not ready, by component; empty when all is. */
  initDump(): JsonObject;
  quit(): void;
  failHealthCheck(isFailed: boolean): void;
  drainListeners(options: { graceful: boolean; skipExit: boolean; inboundOnly: boolean }): void;
  resetCounters(): void;
  reopenLogs(): void;
}
