/** How a filter is configured and registered. */
import type { Clusters } from "./clusters.ts";
import type { FilterCallbacks, HttpFilter } from "./filter.ts";
import type { Logger } from "./logger.ts";
import type { StatsScope } from "./stats.ts";
import type { Clock, Timers } from "./timers.ts";

/** What a factory may use; all of it belongs to this thread. */
export interface FactoryContext {
  /** 0-based; -1 on the main thread, where configurations are only validated. */
  readonly workerIndex: number;
  readonly concurrency: number;
  /** Root scope: names without prefix. */
  readonly stats: StatsScope;
  /** The HttpConnectionManager's scope, `http.<stat_prefix>.`. */
  readonly httpScope: StatsScope;
  readonly clusters: Clusters;
  readonly timers: Timers;
  readonly clock: Clock;
  /** A logger of that component name, as in `--component-log-level`. */
  logger(component: string): Logger;
  /** Uniform in [0, 1). */
  random(): number;
  /** From the bootstrap's node and --service-node, --service-cluster. */
  readonly node: { readonly id: string; readonly cluster: string; readonly zone: string };
  readonly listenerDirection: 0 | 1 | 2;
  /** True while /healthcheck/fail is in force. */
  isHealthCheckFailing(): boolean;
  /** Share of usable hosts in %, 0 for an unknown cluster. */
  clusterHealth(name: string): { healthyPercent: number; degradedPercent: number };
  /** Memory visible to all workers, created once per `name` and zero-filled; for token buckets and the like. */
  sharedMemory(name: string, bytes: number): SharedArrayBuffer;
  /** One object per thread and name, made at the first call: what several filters use together. */
  singleton<T>(name: string, create: () => T): T;
  /** Called when the configuration is dropped. */
  onDestroy(cleanup: () => void): void;
}

/** Makes one filter instance per request. */
export interface HttpFilterFactory {
  create(callbacks: FilterCallbacks): HttpFilter;
}
