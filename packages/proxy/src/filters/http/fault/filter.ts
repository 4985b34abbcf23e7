/** Delays, aborts and slows down requests on purpose. */
import type {
  BodyBuffer,
  Clock,
  Counter,
  FilterCallbacks,
  Gauge,
  HeaderMap,
  HttpFilter,
  Timer,
  Timers,
} from "@legate/filter-sdk";
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  ResponseFlag,
} from "@legate/filter-sdk";

/** A share of requests, 0..1. */
export type Fraction = number;

export interface FaultConfig {
  readonly delay: { readonly ms: number | "header"; readonly fraction: Fraction } | null;
  readonly abort: {
    /** 0: by gRPC status. */
    readonly httpStatus: number;
    /** -1: by HTTP status. */
    readonly grpcStatus: number;
    readonly isByHeader: boolean;
    readonly body: string;
    readonly fraction: Fraction;
  } | null;
  readonly rateLimit: { readonly kbps: number | "header"; readonly fraction: Fraction } | null;
  /** "" for any. */
  readonly upstreamCluster: string;
  /** Empty for any. */
  readonly downstreamNodes: ReadonlySet<string>;
  matchesHeaders(headers: HeaderMap): boolean;
  /** -1: no limit. */
  readonly maxActiveFaults: number;
}

export interface FaultStats {
  readonly delaysInjected: Counter;
  readonly abortsInjected: Counter;
  readonly responseRateLimitInjected: Counter;
  readonly faultsOverflow: Counter;
  readonly activeFaults: Gauge;
}

export interface FaultTools {
  readonly stats: FaultStats;
  readonly timers: Timers;
  readonly clock: Clock;
  random(): number;
  /** The cluster that the request's route leads to; "" for none. */
  clusterOf(callbacks: FilterCallbacks): string;
}

/** The limiter adds tokens this often, ms. Source: rate_limiter's fill interval. */
const TICK_MS = 50;

export class FaultFilter implements HttpFilter {
  private readonly callbacks: FilterCallbacks;
  private readonly base: FaultConfig;
  private readonly tools: FaultTools;
  private config: FaultConfig;
  private delayTimer: Timer | null = null;
  private isActive = false;
  /** Bytes a tick may send; 0 when the response isn't limited. */
  private bytesPerTick = 0;
  private held: Uint8Array[] = [];
  private heldTrailersOrEnd = false;
  private hasTrailers = false;
  private tickTimer: Timer | null = null;

  constructor(callbacks: FilterCallbacks, config: FaultConfig, tools: FaultTools) {
    this.callbacks = callbacks;
    this.base = config;
    this.config = config;
    this.tools = tools;
  }

  decodeHeaders(headers: HeaderMap): FilterHeadersStatus {
    this.config = this.callbacks.routeConfig<FaultConfig>() ?? this.base;
    const { config, tools } = this;
    if (config.upstreamCluster !== "" && config.upstreamCluster !== tools.clusterOf(this.callbacks))
      return FilterHeadersStatus.Continue;
    if (
      config.downstreamNodes.size > 0 &&
      !config.downstreamNodes.has(headers.get("x-envoy-downstream-service-node") ?? "")
    )
      return FilterHeadersStatus.Continue;
    if (!config.matchesHeaders(headers)) return FilterHeadersStatus.Continue;
    this.setUpRateLimit(headers);
    const delayMs = this.delayMs(headers);
    if (delayMs > 0 && this.enter()) {
      tools.stats.delaysInjected.inc();
      this.callbacks.streamInfo.responseFlags |= ResponseFlag.DelayInjected;
      this.delayTimer = tools.timers.start(delayMs, onDelayOver, this);
      return FilterHeadersStatus.StopIteration;
    }
    return this.abortIfDue(headers)
      ? FilterHeadersStatus.StopIteration
      : FilterHeadersStatus.Continue;
  }

  decodeData(): FilterDataStatus {
    return this.delayTimer === null
      ? FilterDataStatus.Continue
      : FilterDataStatus.StopIterationAndWatermark;
  }

  decodeTrailers(): FilterTrailersStatus {
    return this.delayTimer === null
      ? FilterTrailersStatus.Continue
      : FilterTrailersStatus.StopIteration;
  }

  onDelayOver(): void {
    this.delayTimer = null;
    const headers = this.callbacks.requestHeaders;
    if (headers === null || !this.abortIfDue(headers)) this.callbacks.continueDecoding();
  }

  private delayMs(headers: HeaderMap): number {
    const { delay } = this.config;
    if (
      delay === null ||
      !this.happens(
        delay.fraction,
        headers,
        "x-envoy-fault-delay-request-percentage",
        delay.ms === "header",
      )
    )
      return 0;
    if (delay.ms !== "header") return delay.ms;
    return positiveInteger(headers.get("x-envoy-fault-delay-request"));
  }

  private abortIfDue(headers: HeaderMap): boolean {
    const { abort } = this.config;
    if (abort === null) return false;
    if (
      !this.happens(
        abort.fraction,
        headers,
        "x-envoy-fault-abort-request-percentage",
        abort.isByHeader,
      )
    )
      return false;
    let { httpStatus, grpcStatus } = abort;
    if (abort.isByHeader) {
      httpStatus = positiveInteger(headers.get("x-envoy-fault-abort-request"));
      if (httpStatus < 200 || httpStatus > 599) httpStatus = 0;
      const grpc = headers.get("x-envoy-fault-abort-grpc-request");
      grpcStatus = grpc === undefined ? -1 : positiveInteger(grpc);
      if (httpStatus === 0 && grpcStatus < 0) return false;
    }
    if (!this.enter()) return false;
    this.tools.stats.abortsInjected.inc();
    this.callbacks.streamInfo.responseFlags |= ResponseFlag.FaultInjected;
    const code = httpStatus === 0 ? 200 : httpStatus;
    this.callbacks.sendLocalReply(
      code,
      "fault filter abort",
      null,
      grpcStatus,
      "fault_filter_abort",
    );
    return true;
  }

  /** Does the share of requests include this one? A header may lower the share. */
  private happens(
    fraction: Fraction,
    headers: HeaderMap,
    name: string,
    mayLower: boolean,
  ): boolean {
    let share = fraction;
    const lowered = mayLower ? headers.get(name) : undefined;
    if (lowered !== undefined && /^\d+$/.test(lowered))
      share = Math.min(share, Number(lowered) / 100);
    return share >= 1 || (share > 0 && this.tools.random() < share);
  }

  /** Counts this stream as a fault, once; false when there are too many. */
  private enter(): boolean {
    if (this.isActive) return true;
    const { maxActiveFaults } = this.config;
    const { stats } = this.tools;
    if (maxActiveFaults >= 0 && stats.activeFaults.value >= maxActiveFaults) {
      stats.faultsOverflow.inc();
      return false;
    }
    this.isActive = true;
    stats.activeFaults.inc();
    return true;
  }

  // ---- The response's rate limit.

  private setUpRateLimit(headers: HeaderMap): void {
    const { rateLimit } = this.config;
    if (rateLimit === null) return;
    const byHeader = rateLimit.kbps === "header";
    if (
      !this.happens(
        rateLimit.fraction,
        headers,
        "x-envoy-fault-throughput-response-percentage",
        byHeader,
      )
    )
      return;
    const kbps =
      rateLimit.kbps === "header"
        ? positiveInteger(headers.get("x-envoy-fault-throughput-response"))
        : rateLimit.kbps;
    if (kbps === 0 || !this.enter()) return;
    this.tools.stats.responseRateLimitInjected.inc();
    this.bytesPerTick = Math.max(1, Math.floor((kbps * 1024 * TICK_MS) / 1000));
  }

  encodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    if (this.bytesPerTick === 0) return FilterDataStatus.Continue;
    for (const chunk of data.chunks) this.held.push(chunk);
    data.clear();
    if (endStream) this.heldTrailersOrEnd = true;
    if (this.tickTimer === null) this.tickTimer = this.tools.timers.start(TICK_MS, onTick, this);
    return FilterDataStatus.StopIterationNoBuffer;
  }

  encodeTrailers(): FilterTrailersStatus {
    if (this.bytesPerTick === 0 || this.held.length === 0) return FilterTrailersStatus.Continue;
    this.heldTrailersOrEnd = true;
    this.hasTrailers = true;
    return FilterTrailersStatus.StopIteration;
  }

  onTick(): void {
    let left = this.bytesPerTick;
    this.tickTimer = null;
    while (left > 0 && this.held.length > 0) {
      const chunk = this.held[0]!;
      const part = chunk.subarray(0, left);
      if (part.length === chunk.length) this.held.shift();
      else this.held[0] = chunk.subarray(left);
      left -= part.length;
      const isLast = this.held.length === 0 && this.heldTrailersOrEnd && !this.hasTrailers;
      this.callbacks.injectEncodedData(part, isLast);
    }
    if (this.held.length > 0) this.tickTimer = this.tools.timers.start(TICK_MS, onTick, this);
    else if (this.hasTrailers) this.callbacks.continueEncoding();
  }

  onDestroy(): void {
    this.delayTimer?.stop();
    this.tickTimer?.stop();
    if (this.isActive) this.tools.stats.activeFaults.dec();
  }
}

function positiveInteger(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function onDelayOver(filter: FaultFilter): void {
  filter.onDelayOver();
}
function onTick(filter: FaultFilter): void {
  filter.onTick();
}
