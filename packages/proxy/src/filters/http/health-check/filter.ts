/** Answers health checks for this proxy, or passes them on and remembers the answer. */
import type {
  Clock,
  FactoryContext,
  FilterCallbacks,
  HeaderMap,
  HttpFilter,
} from "@legate/filter-sdk";
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  ResponseFlag,
} from "@legate/filter-sdk";

export interface HealthCheckConfig {
  readonly isPassThrough: boolean;
  matches(headers: HeaderMap): boolean;
  /** Cluster name → least share of healthy hosts, %. */
  readonly minHealthyPercentages: ReadonlyMap<string, number>;
  /** Ms; 0 for no cache. Pass-through only. */
  readonly cacheTimeMs: number;
}

/** The answer remembered in pass-through mode; one per filter config and worker. */
export class HealthCheckCache {
  private code = 0;
  private isDegraded = false;
  private expiresMs = -1;

  /** 0 when nothing valid is remembered. */
  read(clock: Clock): number {
    return clock.monotonicMs() < this.expiresMs ? this.code : 0;
  }

  get wasDegraded(): boolean {
    return this.isDegraded;
  }

  store(code: number, isDegraded: boolean, clock: Clock, lifetimeMs: number): void {
    this.code = code;
    this.isDegraded = isDegraded;
    this.expiresMs = clock.monotonicMs() + lifetimeMs;
  }
}

export class HealthCheckFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly config: HealthCheckConfig;
  private readonly context: FactoryContext;
  private readonly cache: HealthCheckCache;
  private isHealthCheck = false;
  private isHandled = false;
  private cachedCode = 0;

  constructor(
    callbacks: FilterCallbacks,
    config: HealthCheckConfig,
    context: FactoryContext,
    cache: HealthCheckCache,
  ) {
    this.callbacks = callbacks;
    this.config = config;
    this.context = context;
    this.cache = cache;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): FilterHeadersStatus {
    if (!this.config.matches(headers)) return FilterHeadersStatus.Continue;
    this.isHealthCheck = true;
    this.callbacks.streamInfo.isHealthCheck = true;
    this.cachedCode = this.config.cacheTimeMs > 0 ? this.cache.read(this.context.clock) : 0;
    this.isHandled =
      !this.config.isPassThrough || this.context.isHealthCheckFailing() || this.cachedCode !== 0;
    if (!this.isHandled) return FilterHeadersStatus.Continue;
    if (endStream) this.answer();
    return FilterHeadersStatus.StopIteration;
  }

  decodeData(_data: unknown, endStream: boolean): FilterDataStatus {
    if (!this.isHandled) return FilterDataStatus.Continue;
    if (endStream) this.answer();
    return FilterDataStatus.StopIterationNoBuffer;
  }

  decodeTrailers(): FilterTrailersStatus {
    if (!this.isHandled) return FilterTrailersStatus.Continue;
    this.answer();
    return FilterTrailersStatus.StopIteration;
  }

  private answer(): void {
    let code = 200;
    let details = "health_check_ok";
    let isDegraded = false;
    if (this.context.isHealthCheckFailing()) {
      code = 503;
      details = "health_check_failed";
    } else if (this.cachedCode !== 0) {
      code = this.cachedCode;
      isDegraded = this.cache.wasDegraded;
      details = "health_check_cached";
    } else {
      for (const [cluster, least] of this.config.minHealthyPercentages) {
        const health = this.context.clusterHealth(cluster);
        if (health.healthyPercent + health.degradedPercent < least) {
          code = 503;
          details = "health_check_cluster_unhealthy";
          break;
        }
        if (health.healthyPercent < least) isDegraded = true;
      }
    }
    if (code !== 200)
      this.callbacks.streamInfo.responseFlags |= ResponseFlag.FailedLocalHealthCheck;
    const headers = isDegraded ? ["x-envoy-degraded", ""] : null;
    this.callbacks.sendLocalReply(code, "", headers, -1, details);
  }

  encodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    if (this.isHealthCheck) {
      if (this.config.cacheTimeMs > 0 && !this.isHandled)
        this.cache.store(
          Number(headers.get(":status")),
          headers.has("x-envoy-degraded"),
          this.context.clock,
          this.config.cacheTimeMs,
        );
      headers.set("x-envoy-upstream-healthchecked-cluster", this.context.node.cluster);
    } else if (this.context.isHealthCheckFailing()) {
      headers.set("x-envoy-immediate-health-check-fail", "true");
    }
    return FilterHeadersStatus.Continue;
  }
}
