/** The traffic statistics of one cluster on one worker, looked up once and kept as fields. */
import type { Counter, Gauge, Histogram, StatsScope } from "@legate/filter-sdk";

/** Counters that exist from the start and that no field below names: later features move them. */
const OTHER_COUNTERS = [
  "assignment_stale",
  "assignment_timeout_received",
  "assignment_use_cached",
  "bind_errors",
  "lb_local_cluster_not_ok",
  "lb_recalculate_zone_structures",
  "lb_subsets_created",
  "lb_subsets_fallback",
  "lb_subsets_fallback_panic",
  "lb_subsets_removed",
  "lb_subsets_selected",
  "lb_zone_cluster_too_small",
  "lb_zone_no_capacity_left",
  "lb_zone_routing_all_directly",
  "lb_zone_routing_cross_zone",
  "lb_zone_routing_sampled",
  "original_dst_host_invalid",
  "upstream_cx_close_notify",
  "upstream_cx_connect_attempts_exceeded",
  "upstream_cx_connect_with_0_rtt",
  "upstream_cx_http2_total",
  "upstream_cx_http3_total",
  "upstream_cx_pool_overflow",
  "upstream_cx_preconnect_skipped",
  "upstream_http3_broken",
  "upstream_queue_overloaded",
  "upstream_rq_0rtt",
] as const;

/**
 * The connection pool moves `cx*`, `rqTotal`, `rqActive`, `rqActiveOverflow`, `rqPending*`,
 * `rqCancelled`, `flowControlBackedUp` and `flowControlDrained`; the load balancer `lbHealthyPanic`
 * and `cxNoneHealthy`; tryAcquireRetry `rqRetryOverflow`; the router the rest, and it calls
 * chargeResponse and chargeTime. Source: envoy/upstream/upstream.h, ALL_CLUSTER_*_STATS.
 */
export class ClusterStats {
  readonly scope: StatsScope;
  readonly cxTotal: Counter;
  readonly cxActive: Gauge;
  readonly cxHttp1Total: Counter;
  readonly cxConnectFail: Counter;
  readonly cxConnectTimeout: Counter;
  readonly cxIdleTimeout: Counter;
  readonly cxMaxDurationReached: Counter;
  readonly cxMaxRequests: Counter;
  readonly cxNoneHealthy: Counter;
  readonly cxOverflow: Counter;
  readonly cxProtocolError: Counter;
  readonly cxDestroy: Counter;
  readonly cxDestroyLocal: Counter;
  readonly cxDestroyRemote: Counter;
  readonly cxDestroyWithActiveRq: Counter;
  readonly cxDestroyLocalWithActiveRq: Counter;
  readonly cxDestroyRemoteWithActiveRq: Counter;
  readonly cxRxBytesTotal: Counter;
  readonly cxRxBytesBuffered: Gauge;
  readonly cxTxBytesTotal: Counter;
  readonly cxTxBytesBuffered: Gauge;
  readonly cxConnectMs: Histogram;
  readonly cxLengthMs: Histogram;
  readonly rqPerCx: Histogram;
  readonly rqTotal: Counter;
  readonly rqActive: Gauge;
  readonly rqActiveOverflow: Counter;
  readonly rqPendingTotal: Counter;
  readonly rqPendingActive: Gauge;
  readonly rqPendingOverflow: Counter;
  readonly rqPendingFailureEject: Counter;
  readonly rqCancelled: Counter;
  readonly rqCompleted: Counter;
  readonly rqMaintenanceMode: Counter;
  readonly rqMaxDurationReached: Counter;
  readonly rqPerTryTimeout: Counter;
  readonly rqPerTryIdleTimeout: Counter;
  readonly rqRetry: Counter;
  readonly rqRetryBackoffExponential: Counter;
  readonly rqRetryBackoffRatelimited: Counter;
  readonly rqRetryLimitExceeded: Counter;
  readonly rqRetryOverflow: Counter;
  readonly rqRetrySuccess: Counter;
  readonly rqRxReset: Counter;
  readonly rqRxResetNoError: Counter;
  readonly rqTimeout: Counter;
  readonly rqTxReset: Counter;
  readonly retryOrShadowAbandoned: Counter;
  readonly internalRedirectFailed: Counter;
  readonly internalRedirectSucceeded: Counter;
  readonly flowControlPausedReading: Counter;
  readonly flowControlResumedReading: Counter;
  readonly flowControlBackedUp: Counter;
  readonly flowControlDrained: Counter;
  readonly lbHealthyPanic: Counter;
  private readonly all: ResponseCodeStats;
  private internal: ResponseCodeStats | null = null;
  private external: ResponseCodeStats | null = null;
  private canary: ResponseCodeStats | null = null;
  private retry: ResponseCodeStats | null = null;

  /** `scope` is the cluster's own, `cluster.<observability name>.`. */
  constructor(scope: StatsScope) {
    this.scope = scope;
    this.cxTotal = scope.counter("upstream_cx_total");
    this.cxActive = scope.gauge("upstream_cx_active");
    this.cxHttp1Total = scope.counter("upstream_cx_http1_total");
    this.cxConnectFail = scope.counter("upstream_cx_connect_fail");
    this.cxConnectTimeout = scope.counter("upstream_cx_connect_timeout");
    this.cxIdleTimeout = scope.counter("upstream_cx_idle_timeout");
    this.cxMaxDurationReached = scope.counter("upstream_cx_max_duration_reached");
    this.cxMaxRequests = scope.counter("upstream_cx_max_requests");
    this.cxNoneHealthy = scope.counter("upstream_cx_none_healthy");
    this.cxOverflow = scope.counter("upstream_cx_overflow");
    this.cxProtocolError = scope.counter("upstream_cx_protocol_error");
    this.cxDestroy = scope.counter("upstream_cx_destroy");
    this.cxDestroyLocal = scope.counter("upstream_cx_destroy_local");
    this.cxDestroyRemote = scope.counter("upstream_cx_destroy_remote");
    this.cxDestroyWithActiveRq = scope.counter("upstream_cx_destroy_with_active_rq");
    this.cxDestroyLocalWithActiveRq = scope.counter("upstream_cx_destroy_local_with_active_rq");
    this.cxDestroyRemoteWithActiveRq = scope.counter("upstream_cx_destroy_remote_with_active_rq");
    this.cxRxBytesTotal = scope.counter("upstream_cx_rx_bytes_total");
    this.cxRxBytesBuffered = scope.gauge("upstream_cx_rx_bytes_buffered");
    this.cxTxBytesTotal = scope.counter("upstream_cx_tx_bytes_total");
    this.cxTxBytesBuffered = scope.gauge("upstream_cx_tx_bytes_buffered");
    this.cxConnectMs = scope.histogram("upstream_cx_connect_ms");
    this.cxLengthMs = scope.histogram("upstream_cx_length_ms");
    this.rqPerCx = scope.histogram("upstream_rq_per_cx");
    this.rqTotal = scope.counter("upstream_rq_total");
    this.rqActive = scope.gauge("upstream_rq_active");
    this.rqActiveOverflow = scope.counter("upstream_rq_active_overflow");
    this.rqPendingTotal = scope.counter("upstream_rq_pending_total");
    this.rqPendingActive = scope.gauge("upstream_rq_pending_active");
    this.rqPendingOverflow = scope.counter("upstream_rq_pending_overflow");
    this.rqPendingFailureEject = scope.counter("upstream_rq_pending_failure_eject");
    this.rqCancelled = scope.counter("upstream_rq_cancelled");
    this.rqCompleted = scope.counter("upstream_rq_completed");
    this.rqMaintenanceMode = scope.counter("upstream_rq_maintenance_mode");
    this.rqMaxDurationReached = scope.counter("upstream_rq_max_duration_reached");
    this.rqPerTryTimeout = scope.counter("upstream_rq_per_try_timeout");
    this.rqPerTryIdleTimeout = scope.counter("upstream_rq_per_try_idle_timeout");
    this.rqRetry = scope.counter("upstream_rq_retry");
    this.rqRetryBackoffExponential = scope.counter("upstream_rq_retry_backoff_exponential");
    this.rqRetryBackoffRatelimited = scope.counter("upstream_rq_retry_backoff_ratelimited");
    this.rqRetryLimitExceeded = scope.counter("upstream_rq_retry_limit_exceeded");
    this.rqRetryOverflow = scope.counter("upstream_rq_retry_overflow");
    this.rqRetrySuccess = scope.counter("upstream_rq_retry_success");
    this.rqRxReset = scope.counter("upstream_rq_rx_reset");
    this.rqRxResetNoError = scope.counter("upstream_rq_rx_reset_no_error");
    this.rqTimeout = scope.counter("upstream_rq_timeout");
    this.rqTxReset = scope.counter("upstream_rq_tx_reset");
    this.retryOrShadowAbandoned = scope.counter("retry_or_shadow_abandoned");
    this.internalRedirectFailed = scope.counter("upstream_internal_redirect_failed_total");
    this.internalRedirectSucceeded = scope.counter("upstream_internal_redirect_succeeded_total");
    this.flowControlPausedReading = scope.counter("upstream_flow_control_paused_reading_total");
    this.flowControlResumedReading = scope.counter("upstream_flow_control_resumed_reading_total");
    this.flowControlBackedUp = scope.counter("upstream_flow_control_backed_up_total");
    this.flowControlDrained = scope.counter("upstream_flow_control_drained_total");
    this.lbHealthyPanic = scope.counter("lb_healthy_panic");
    for (const name of OTHER_COUNTERS) scope.counter(name);
    scope.gauge("lb_subsets_active");
    this.all = new ResponseCodeStats(scope);
  }

  /**
   * Counts one final response (`upstream_rq_completed`, `_2xx`, `_200`), once more under
   * `internal.` or `external.`, and under `canary.` if the upstream said it is one.
   * Source: source/common/http/codes.cc, chargeResponseStat.
   */
  chargeResponse(code: number, isInternal: boolean, isCanary: boolean): void {
    this.all.charge(code);
    if (isInternal) {
      this.internal ??= new ResponseCodeStats(this.scope.scope("internal"));
      this.internal.charge(code);
    } else {
      this.external ??= new ResponseCodeStats(this.scope.scope("external"));
      this.external.charge(code);
    }
    if (isCanary) {
      this.canary ??= new ResponseCodeStats(this.scope.scope("canary"));
      this.canary.charge(code);
    }
  }

  /** Counts a response that a retry replaces: `retry.upstream_rq_503` and its like. */
  chargeRetriedResponse(code: number): void {
    this.retry ??= new ResponseCodeStats(this.scope.scope("retry"));
    this.retry.charge(code);
  }

  /** Records the time from the request's end to the response's first byte, ms. */
  chargeTime(ms: number, isInternal: boolean, isCanary: boolean): void {
    this.all.record(ms);
    if (isInternal) {
      this.internal ??= new ResponseCodeStats(this.scope.scope("internal"));
      this.internal.record(ms);
    } else {
      this.external ??= new ResponseCodeStats(this.scope.scope("external"));
      this.external.record(ms);
    }
    if (isCanary) {
      this.canary ??= new ResponseCodeStats(this.scope.scope("canary"));
      this.canary.record(ms);
    }
  }
}

/** `upstream_rq_completed`, `_Nxx`, `_<code>`, `_time` below one prefix, made at their first use. */
class ResponseCodeStats {
  private readonly scope: StatsScope;
  private completed: Counter | null = null;
  private time: Histogram | null = null;
  private readonly byClass: (Counter | null)[] = [null, null, null, null, null, null];
  private readonly byCode = new Map<number, Counter>();
  private lastCode = -1;
  private lastCounter: Counter | null = null;

  constructor(scope: StatsScope) {
    this.scope = scope;
  }

  charge(code: number): void {
    this.completed ??= this.scope.counter("upstream_rq_completed");
    this.completed.inc();
    const family = (code / 100) | 0;
    if (family >= 1 && family <= 5) {
      let counter = this.byClass[family] as Counter | null;
      if (counter === null) {
        counter = this.scope.counter(`upstream_rq_${family}xx`);
        this.byClass[family] = counter;
      }
      counter.inc();
    }
    if (code !== this.lastCode) {
      let counter = this.byCode.get(code);
      if (counter === undefined) {
        counter = this.scope.counter(`upstream_rq_${code}`);
        this.byCode.set(code, counter);
      }
      this.lastCode = code;
      this.lastCounter = counter;
    }
    (this.lastCounter as Counter).inc();
  }

  record(ms: number): void {
    this.time ??= this.scope.histogram("upstream_rq_time");
    this.time.record(ms);
  }
}
