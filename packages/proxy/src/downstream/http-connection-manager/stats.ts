/** The connection manager's counters, as fields: `http.<stat_prefix>.`. Source: conn_manager_config.h. */
import type { Counter, Gauge, Histogram, StatsScope } from "@legate/filter-sdk";

/** Response code classes of one scope; index 0 is 1xx. */
export class CodeStats {
  readonly completed: Counter;
  readonly classes: readonly Counter[];

  constructor(scope: StatsScope) {
    this.completed = scope.counter("downstream_rq_completed");
    this.classes = [1, 2, 3, 4, 5].map((digit) => scope.counter(`downstream_rq_${digit}xx`));
  }

  count(code: number): void {
    this.completed.inc();
    this.classes[Math.floor(code / 100) - 1]?.inc();
  }
}

/** Names that exist from the start although only later features move them. */
const OTHER_COUNTERS = [
  "downstream_cx_http2_total",
  "downstream_cx_http3_total",
  "downstream_cx_overload_disable_keepalive",
  "downstream_cx_ssl_total",
  "downstream_rq_http2_total",
  "downstream_rq_http3_total",
  "downstream_rq_overload_close",
  "downstream_rq_rejected_via_ip_detection",
  "downstream_rq_too_many_premature_resets",
  "tracing.client_enabled",
  "tracing.health_check",
  "tracing.not_traceable",
  "tracing.random_sampling",
  "tracing.service_forced",
];
const OTHER_GAUGES = [
  "downstream_cx_http2_active",
  "downstream_cx_http3_active",
  "downstream_cx_ssl_active",
];

export class HcmStats {
  readonly codes: CodeStats;
  readonly cxTotal: Counter;
  readonly cxActive: Gauge;
  readonly cxHttp1Total: Counter;
  readonly cxHttp1Active: Gauge;
  readonly cxHttp1SoftDrain: Gauge;
  readonly cxUpgradesTotal: Counter;
  readonly cxUpgradesActive: Gauge;
  readonly cxDestroy: Counter;
  readonly cxDestroyLocal: Counter;
  readonly cxDestroyRemote: Counter;
  readonly cxDestroyActiveRq: Counter;
  readonly cxDestroyLocalActiveRq: Counter;
  readonly cxDestroyRemoteActiveRq: Counter;
  readonly cxDelayedCloseTimeout: Counter;
  readonly cxDrainClose: Counter;
  readonly cxIdleTimeout: Counter;
  readonly cxMaxDurationReached: Counter;
  readonly cxMaxRequestsReached: Counter;
  readonly cxProtocolError: Counter;
  readonly cxRxBytesTotal: Counter;
  readonly cxRxBytesBuffered: Gauge;
  readonly cxTxBytesTotal: Counter;
  readonly cxTxBytesBuffered: Gauge;
  readonly cxLengthMs: Histogram;
  readonly flowPaused: Counter;
  readonly flowResumed: Counter;
  readonly rqTotal: Counter;
  readonly rqActive: Gauge;
  readonly rqHttp1Total: Counter;
  readonly rqTime: Histogram;
  readonly rqFailedPathNormalization: Counter;
  readonly rqHeaderTimeout: Counter;
  readonly rqIdleTimeout: Counter;
  readonly rqMaxDurationReached: Counter;
  readonly rqNonRelativePath: Counter;
  readonly rqRedirectedWithNormalizedPath: Counter;
  readonly rqResponseBeforeRqComplete: Counter;
  readonly rqRxReset: Counter;
  readonly rqTxReset: Counter;
  readonly rqTimeout: Counter;
  readonly rqTooLarge: Counter;
  readonly rqWsOnNonWsRoute: Counter;
  readonly rsTooLarge: Counter;

  constructor(scope: StatsScope) {
    this.codes = new CodeStats(scope);
    this.cxTotal = scope.counter("downstream_cx_total");
    this.cxActive = scope.gauge("downstream_cx_active");
    this.cxHttp1Total = scope.counter("downstream_cx_http1_total");
    this.cxHttp1Active = scope.gauge("downstream_cx_http1_active");
    this.cxHttp1SoftDrain = scope.gauge("downstream_cx_http1_soft_drain");
    this.cxUpgradesTotal = scope.counter("downstream_cx_upgrades_total");
    this.cxUpgradesActive = scope.gauge("downstream_cx_upgrades_active");
    this.cxDestroy = scope.counter("downstream_cx_destroy");
    this.cxDestroyLocal = scope.counter("downstream_cx_destroy_local");
    this.cxDestroyRemote = scope.counter("downstream_cx_destroy_remote");
    this.cxDestroyActiveRq = scope.counter("downstream_cx_destroy_active_rq");
    this.cxDestroyLocalActiveRq = scope.counter("downstream_cx_destroy_local_active_rq");
    this.cxDestroyRemoteActiveRq = scope.counter("downstream_cx_destroy_remote_active_rq");
    this.cxDelayedCloseTimeout = scope.counter("downstream_cx_delayed_close_timeout");
    this.cxDrainClose = scope.counter("downstream_cx_drain_close");
    this.cxIdleTimeout = scope.counter("downstream_cx_idle_timeout");
    this.cxMaxDurationReached = scope.counter("downstream_cx_max_duration_reached");
    this.cxMaxRequestsReached = scope.counter("downstream_cx_max_requests_reached");
    this.cxProtocolError = scope.counter("downstream_cx_protocol_error");
    this.cxRxBytesTotal = scope.counter("downstream_cx_rx_bytes_total");
    this.cxRxBytesBuffered = scope.gauge("downstream_cx_rx_bytes_buffered");
    this.cxTxBytesTotal = scope.counter("downstream_cx_tx_bytes_total");
    this.cxTxBytesBuffered = scope.gauge("downstream_cx_tx_bytes_buffered");
    this.cxLengthMs = scope.histogram("downstream_cx_length_ms");
    this.flowPaused = scope.counter("downstream_flow_control_paused_reading_total");
    this.flowResumed = scope.counter("downstream_flow_control_resumed_reading_total");
    this.rqTotal = scope.counter("downstream_rq_total");
    this.rqActive = scope.gauge("downstream_rq_active");
    this.rqHttp1Total = scope.counter("downstream_rq_http1_total");
    this.rqTime = scope.histogram("downstream_rq_time");
    this.rqFailedPathNormalization = scope.counter("downstream_rq_failed_path_normalization");
    this.rqHeaderTimeout = scope.counter("downstream_rq_header_timeout");
    this.rqIdleTimeout = scope.counter("downstream_rq_idle_timeout");
    this.rqMaxDurationReached = scope.counter("downstream_rq_max_duration_reached");
    this.rqNonRelativePath = scope.counter("downstream_rq_non_relative_path");
    this.rqRedirectedWithNormalizedPath = scope.counter(
      "downstream_rq_redirected_with_normalized_path",
    );
    this.rqResponseBeforeRqComplete = scope.counter("downstream_rq_response_before_rq_complete");
    this.rqRxReset = scope.counter("downstream_rq_rx_reset");
    this.rqTxReset = scope.counter("downstream_rq_tx_reset");
    this.rqTimeout = scope.counter("downstream_rq_timeout");
    this.rqTooLarge = scope.counter("downstream_rq_too_large");
    this.rqWsOnNonWsRoute = scope.counter("downstream_rq_ws_on_non_ws_route");
    this.rsTooLarge = scope.counter("rs_too_large");
    for (const name of OTHER_COUNTERS) scope.counter(name);
    for (const name of OTHER_GAUGES) scope.gauge(name);
  }
}
