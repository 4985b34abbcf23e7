/**
 * The last filter of every chain: answers what the route answers, sends the rest upstream, retries,
 * times out, and brings the response back.
 *
 *     decodeHeaders ─▶ direct response, redirect, 404
 *                  └─▶ cluster ─▶ attempt ─▶ response ─▶ encodeHeaders …
 *                                  └─ reset, timeout, 5xx ─▶ retry after back-off, or local reply
 */
import type {
  BodyBuffer,
  Clock,
  HttpFilter,
  HeaderMap as SdkHeaderMap,
  Timer,
  Timers,
} from "@legate/filter-sdk";
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  ResponseFlag,
} from "@legate/filter-sdk";
import type {
  DownstreamWatermarkListener,
  TerminalFilterCallbacks,
} from "../../filters/terminal-filter.ts";
import { BORROWED_CHUNK_LIMIT, RESET_REASON_TEXT, ResetReason } from "../../http/codec.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import type { WorkerCluster } from "../../upstream/cluster.ts";
import type {
  Host,
  LoadBalancerContext,
  UpstreamConnectionInfo,
} from "../../upstream/contracts.ts";
import { RetryDecision, RetryState } from "../retry/retry-state.ts";
import { setHost } from "../route-table/compiled-route.ts";
import type { ForwardRoute, Route } from "../route-table/contracts.ts";
import type { RouterStats } from "./router-stats.ts";
import { UpstreamRequest, type UpstreamRequestOwner } from "./upstream-request.ts";

export interface RouterOptions {
  readonly suppressesEnvoyHeaders: boolean;
  readonly chargesDynamicStats: boolean;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly stats: RouterStats;
}

const OVERLOADED: readonly string[] = ["x-envoy-overloaded", "true"];

export class RouterFilter
  implements HttpFilter, UpstreamRequestOwner, DownstreamWatermarkListener, LoadBalancerContext
{
  readonly hash = null;
  hostSelectionRetryCount = 0;
  private readonly callbacks: TerminalFilterCallbacks;
  private readonly options: RouterOptions;
  private route: Route | null = null;
  private forward: ForwardRoute | null = null;
  private cluster: WorkerCluster | null = null;
  private headers: HeaderMap | null = null;
  private attempt: UpstreamRequest | null = null;
  private retry: RetryState | null = null;
  private retryTimer: Timer | null = null;
  private timeoutTimer: Timer | null = null;
  private timeoutMs = 0;
  private perTryTimeoutMs = 0;
  /** Kept for retries; null when none can follow. */
  private kept: Uint8Array[] | null = null;
  private keptBytes = 0;
  private keptTrailers: HeaderMap | null = null;
  private triedHosts: Host[] | null = null;
  private hasEnded = false;
  private hasResponse = false;
  private isDone = false;
  private isUpgraded = false;
  private hasCharged1xx = false;
  private requestEndMs = 0;
  private downstreamPauses = 0;

  constructor(callbacks: TerminalFilterCallbacks, options: RouterOptions) {
    this.callbacks = callbacks;
    this.options = options;
  }

  // ---- The request.

  decodeHeaders(sdkHeaders: SdkHeaderMap, endStream: boolean): FilterHeadersStatus {
    const headers = sdkHeaders as HeaderMap;
    const { callbacks, options } = this;
    options.stats.rqTotal.inc();
    const route = callbacks.route();
    if (route === null) {
      options.stats.noRoute.inc();
      callbacks.streamInfo.responseFlags |= ResponseFlag.NoRouteFound;
      callbacks.sendLocalReply(404, "", null, -1, "route_not_found");
      return FilterHeadersStatus.StopIteration;
    }
    this.route = route;
    if (route.directResponse !== null) {
      const { directResponse: direct } = route;
      (direct.isRedirect ? options.stats.rqRedirect : options.stats.rqDirectResponse).inc();
      const extra = direct.headers(headers, callbacks.streamInfo);
      callbacks.sendLocalReply(
        direct.code,
        direct.body(callbacks.streamInfo),
        extra,
        -1,
        "direct_response",
      );
      return FilterHeadersStatus.StopIteration;
    }
    const forward = route.forward!;
    const cluster = callbacks.clusterManager.get(
      forward.clusterName(headers),
    ) as WorkerCluster | null;
    if (cluster === null) {
      options.stats.noCluster.inc();
      callbacks.streamInfo.responseFlags |= ResponseFlag.NoClusterFound;
      callbacks.sendLocalReply(forward.clusterNotFoundCode, "", null, -1, "cluster_not_found");
      return FilterHeadersStatus.StopIteration;
    }
    this.start(headers, endStream, forward, cluster);
    return FilterHeadersStatus.StopIteration;
  }

  private start(
    headers: HeaderMap,
    endStream: boolean,
    forward: ForwardRoute,
    cluster: WorkerCluster,
  ): void {
    const { callbacks, options } = this;
    this.forward = forward;
    this.cluster = cluster;
    this.headers = headers;
    callbacks.streamInfo.upstreamCluster = cluster.statName;
    this.readTimeouts(headers, forward);
    this.retry = RetryState.create(
      forward.retryPolicy,
      headers,
      callbacks.isInternalRequest,
      cluster.circuitBreakers,
      cluster.traffic,
      forward.priority,
      () => callbacks.random(),
    );
    if (callbacks.isInternalRequest) removeConsumed(headers);
    const { suppressesEnvoyHeaders } = options;
    forward.finalizeRequestHeaders(headers, callbacks.streamInfo, !suppressesEnvoyHeaders);
    if (!suppressesEnvoyHeaders && this.timeoutMs > 0)
      headers.set("x-envoy-expected-rq-timeout-ms", String(this.expectedTimeoutMs()));
    if (forward.includeAttemptCountInRequest) headers.set("x-envoy-attempt-count", "1");
    if (this.retry !== null) this.kept = [];
    this.hostSelectionRetryCount = forward.retryPolicy?.avoidPreviousHosts
      ? forward.retryPolicy.hostSelectionMaxAttempts
      : 0;
    callbacks.setDownstreamWatermarkListener(this);
    if (endStream) this.onRequestEnd();
    this.send();
  }

  private readTimeouts(headers: HeaderMap, forward: ForwardRoute): void {
    this.timeoutMs = forward.timeoutMs;
    this.perTryTimeoutMs = forward.retryPolicy?.perTryTimeoutMs ?? 0;
    if (forward.grpcTimeoutMaxMs >= 0) {
      const asked = grpcTimeoutMs(headers.get("grpc-timeout"));
      if (asked >= 0) {
        const offset = Math.max(0, asked - forward.grpcTimeoutOffsetMs);
        this.timeoutMs =
          forward.grpcTimeoutMaxMs === 0 ? offset : Math.min(offset, forward.grpcTimeoutMaxMs);
      }
    }
    if (this.callbacks.isInternalRequest) {
      this.timeoutMs =
        millisecondsHeader(headers, "x-envoy-upstream-rq-timeout-ms") ?? this.timeoutMs;
      this.perTryTimeoutMs =
        millisecondsHeader(headers, "x-envoy-upstream-rq-per-try-timeout-ms") ??
        this.perTryTimeoutMs;
    }
    if (this.timeoutMs > 0 && this.perTryTimeoutMs >= this.timeoutMs) this.perTryTimeoutMs = 0;
    if (this.callbacks.isUpgrade) this.perTryTimeoutMs = 0;
  }

  /** What the upstream may take: the try's own timeout if there is one, less what is spent already. */
  private expectedTimeoutMs(): number {
    if (this.perTryTimeoutMs > 0) return this.perTryTimeoutMs;
    const spent =
      this.requestEndMs === 0 ? 0 : this.options.clock.monotonicMs() - this.requestEndMs;
    return Math.max(1, Math.floor(this.timeoutMs - spent));
  }

  decodeData(data: BodyBuffer, endStream: boolean): FilterDataStatus {
    if (this.isDone) return FilterDataStatus.StopIterationNoBuffer;
    const { chunks } = data;
    if (endStream) this.onRequestEnd();
    if (this.kept !== null) this.keep(chunks);
    const { attempt } = this;
    if (attempt !== null) {
      const last = chunks.length - 1;
      if (last < 0 && endStream) attempt.sendData(NOTHING, true);
      for (let i = 0; i <= last; i++) attempt.sendData(chunks[i]!, endStream && i === last);
    }
    return FilterDataStatus.StopIterationNoBuffer;
  }

  /** Keeps the body for retries, within the buffer limit. */
  private keep(chunks: readonly Uint8Array[]): void {
    const limit = this.callbacks.decoderBufferLimit;
    for (const chunk of chunks) {
      this.keptBytes += chunk.length;
      this.kept?.push(chunk.length < BORROWED_CHUNK_LIMIT ? Uint8Array.from(chunk) : chunk);
    }
    if (limit === 0 || this.keptBytes <= limit) return;
    this.cluster!.traffic.retryOrShadowAbandoned.inc();
    this.kept = null;
    this.retry?.release();
    this.retry = null;
  }

  decodeTrailers(trailers: SdkHeaderMap): FilterTrailersStatus {
    if (this.isDone) return FilterTrailersStatus.StopIteration;
    this.onRequestEnd();
    this.keptTrailers = trailers as HeaderMap;
    this.attempt?.sendTrailers(trailers as HeaderMap);
    return FilterTrailersStatus.StopIteration;
  }

  private onRequestEnd(): void {
    this.hasEnded = true;
    this.requestEndMs = this.options.clock.monotonicMs();
    if (this.timeoutMs > 0 && !this.isUpgraded)
      this.timeoutTimer = this.options.timers.start(this.timeoutMs, onTimeout, this);
  }

  /** Sends one attempt: with what is kept, if it is not the first. */
  private send(): void {
    const { callbacks, cluster, forward, headers, options } = this;
    const isRetry = callbacks.streamInfo.attemptCount > 0;
    callbacks.streamInfo.attemptCount++;
    if (isRetry) {
      if (forward!.includeAttemptCountInRequest)
        headers!.set("x-envoy-attempt-count", String(callbacks.streamInfo.attemptCount));
      if (!options.suppressesEnvoyHeaders && this.timeoutMs > 0)
        headers!.set("x-envoy-expected-rq-timeout-ms", String(this.expectedTimeoutMs()));
    }
    const hasBody = isRetry && ((this.kept?.length ?? 0) > 0 || this.keptTrailers !== null);
    const attempt = new UpstreamRequest(this, headers!, this.hasEnded && !hasBody);
    this.attempt = attempt;
    for (let i = 0; i < this.downstreamPauses; i++) attempt.pause(true);
    if (hasBody) {
      const chunks = this.kept ?? [];
      for (let i = 0; i < chunks.length; i++)
        attempt.sendData(
          chunks[i]!,
          this.hasEnded && this.keptTrailers === null && i === chunks.length - 1,
        );
      if (this.keptTrailers !== null) attempt.sendTrailers(this.keptTrailers);
    }
    if (!attempt.start(cluster!, forward!.priority, this)) {
      this.attempt = null;
      callbacks.streamInfo.responseFlags |= ResponseFlag.NoHealthyUpstream;
      this.answer(503, "no healthy upstream", null, "no_healthy_upstream");
    }
  }

  // ---- LoadBalancerContext.

  get requestHeaders(): HeaderMap | null {
    return this.headers;
  }

  get downstreamConnectionId(): number {
    return this.callbacks.downstreamConnectionId;
  }

  get overrideHost(): string | null {
    return this.callbacks.overrideHost;
  }

  shouldSelectAnotherHost(host: Host): boolean {
    return this.triedHosts?.includes(host) ?? false;
  }

  // ---- UpstreamRequestOwner.

  onHostChosen(host: Host): void {
    const { streamInfo } = this.callbacks;
    streamInfo.upstreamHostAddress = host.address;
    streamInfo.upstreamHostName = host.hostname === "" ? null : host.hostname;
  }

  onUpstreamReady(attempt: UpstreamRequest, host: Host, connection: UpstreamConnectionInfo): void {
    const { clock, timers } = this.options;
    const { streamInfo } = this.callbacks;
    this.onHostChosen(host);
    streamInfo.upstreamLocalAddress = connection.localAddress;
    streamInfo.upstreamProtocol = connection.protocol;
    streamInfo.upstreamConnectionId = connection.id;
    const now = clock.monotonicMs();
    attempt.startedMs = now;
    if (streamInfo.firstUpstreamTxMs < 0) streamInfo.firstUpstreamTxMs = now;
    streamInfo.lastUpstreamTxMs = now;
    if (this.forward!.autoHostRewrite && host.hostname !== "")
      setHost(this.headers!, host.hostname, this.forward!.appendXForwardedHost);
    if (this.perTryTimeoutMs > 0)
      attempt.perTryTimer = timers.start(this.perTryTimeoutMs, onPerTryTimeout, this);
    const missing = missingHeader(this.headers!);
    if (missing === null) return;
    this.leave(attempt);
    streamInfo.responseFlags |= ResponseFlag.DownstreamProtocolError;
    this.answer(
      503,
      `missing required header: ${missing}`,
      null,
      `filter_removed_required_request_headers{missing_required_header:_${missing}}`,
    );
  }

  onUpstream1xx(headers: HeaderMap): void {
    const code = headers.get(":status");
    if (code === "100") this.callbacks.encode1xxHeaders(headers);
    else if (!this.hasCharged1xx) {
      this.hasCharged1xx = true;
      this.cluster!.traffic.chargeResponse(Number(code), this.callbacks.isInternalRequest, false);
    }
  }

  onUpstreamHeaders(attempt: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    const { callbacks, options } = this;
    const { streamInfo } = callbacks;
    const code = Number(headers.get(":status"));
    const now = options.clock.monotonicMs();
    streamInfo.firstUpstreamRxMs = now;
    if (endStream) streamInfo.lastUpstreamRxMs = now;
    attempt.host?.onResponse(code);
    if (this.retry !== null && this.retryResponse(attempt, code, headers)) return;
    if (this.isDone) return;
    attempt.perTryTimer?.stop();
    this.hasResponse = true;
    this.kept = null;
    const traffic = this.cluster!.traffic;
    const isCanary = headers.get("x-envoy-upstream-canary") === "true";
    if (options.chargesDynamicStats) {
      traffic.chargeResponse(code, callbacks.isInternalRequest, isCanary);
      if (this.requestEndMs > 0)
        traffic.chargeTime(now - this.requestEndMs, callbacks.isInternalRequest, isCanary);
    }
    // Counted from the request's end: an answer that comes before has none.
    if (!options.suppressesEnvoyHeaders && this.requestEndMs > 0) {
      const duration = Math.max(0, Math.floor(now - this.requestEndMs));
      headers.set("x-envoy-upstream-service-time", String(duration));
    }
    if (this.forward!.includeAttemptCountInResponse)
      headers.set("x-envoy-attempt-count", String(streamInfo.attemptCount));
    if (callbacks.isUpgrade && code === 200 && this.headers!.get("upgrade") === "websocket") {
      this.refuseHandshake(attempt, headers);
      return;
    }
    streamInfo.responseCodeDetails = "via_upstream";
    streamInfo.responseCode = code;
    this.route!.finalizeResponseHeaders(headers, streamInfo);
    if (code === 101 && callbacks.isUpgrade) this.onUpgraded();
    if (endStream) this.onComplete();
    callbacks.encodeHeaders(headers, endStream);
  }

  /** True: another attempt follows this response. */
  private retryResponse(attempt: UpstreamRequest, code: number, headers: HeaderMap): boolean {
    const decision = this.retry!.onResponse(code, headers);
    if (decision === RetryDecision.Yes) {
      this.cluster!.traffic.chargeRetriedResponse(code);
      this.leave(attempt);
      this.retryLater();
      return true;
    }
    if (decision === RetryDecision.NoLimit)
      this.callbacks.streamInfo.responseFlags |= ResponseFlag.UpstreamRetryLimitExceeded;
    else if (decision === RetryDecision.NoOverflow)
      this.callbacks.streamInfo.responseFlags |= ResponseFlag.UpstreamOverflow;
    this.retry = null;
    return false;
  }

  /** A plain answer to a WebSocket handshake: its headers pass without a body. */
  private refuseHandshake(attempt: UpstreamRequest, headers: HeaderMap): void {
    this.leave(attempt);
    this.isDone = true;
    this.stopTimers();
    const pairs: string[] = [];
    for (let i = 0; i < headers.size; i++)
      if (headers.nameAt(i) !== ":status") pairs.push(headers.nameAt(i), headers.valueAt(i));
    this.callbacks.sendLocalReply(200, "", pairs, -1, "websocket_handshake_unsuccessful");
  }

  private onUpgraded(): void {
    this.isUpgraded = true;
    this.timeoutTimer?.stop();
  }

  onUpstreamData(_attempt: UpstreamRequest, chunk: Uint8Array, endStream: boolean): void {
    if (endStream) this.onComplete();
    this.callbacks.encodeData(chunk, endStream);
  }

  onUpstreamTrailers(_attempt: UpstreamRequest, trailers: HeaderMap): void {
    this.onComplete();
    this.callbacks.encodeTrailers(trailers);
  }

  onUpstreamReset(attempt: UpstreamRequest, reason: ResetReason, details: string): void {
    const { callbacks } = this;
    const { streamInfo } = callbacks;
    const traffic = this.cluster!.traffic;
    if (reason === ResetReason.RemoteReset) traffic.rqRxReset.inc();
    if (details !== "" && !attempt.isConnected)
      streamInfo.upstreamTransportFailureReason = details.replaceAll("_", " ");
    if (attempt.host !== null) streamInfo.upstreamHostAddress = attempt.host.address;
    streamInfo.responseFlags |= flagOf(reason);
    if (this.hasResponse) {
      this.options.stats.rqResetAfterResponseStarted.inc();
      this.isDone = true;
      this.stopTimers();
      streamInfo.responseCodeDetails = `upstream_reset_after_response_started{${detailsOf(reason)}}`;
      callbacks.resetStream("");
      return;
    }
    attempt.host?.onResponse(503);
    if (this.retry !== null && !this.isUpgraded) {
      const decision = this.retry.onReset(reason, attempt.hasSentHeaders);
      if (decision === RetryDecision.Yes) {
        streamInfo.responseFlags &= ~flagOf(reason);
        this.remember(attempt);
        this.attempt = null;
        this.retryLater();
        return;
      }
      if (decision === RetryDecision.NoLimit)
        streamInfo.responseFlags |= ResponseFlag.UpstreamRetryLimitExceeded;
    }
    this.answerReset(reason, details);
  }

  private answerReset(reason: ResetReason, details: string): void {
    const { callbacks } = this;
    const text = RESET_REASON_TEXT[reason];
    const retried = callbacks.streamInfo.attemptCount > 1;
    const body = `upstream connect error or disconnect/reset before headers. ${retried ? "retried and the latest reset" : "reset"} reason: ${text}`;
    const isProtocolError = reason === ResetReason.ProtocolError;
    const code = isProtocolError ? 502 : 503;
    const inner =
      details === "" || isProtocolError ? detailsOf(reason) : `${detailsOf(reason)}|${details}`;
    const overloaded = reason === ResetReason.Overflow && !this.options.suppressesEnvoyHeaders;
    this.answer(
      code,
      body,
      overloaded ? OVERLOADED : null,
      `upstream_reset_before_response_started{${inner}}`,
    );
  }

  onUpstreamSlow(isSlow: boolean): void {
    this.callbacks.pauseRequest(isSlow);
  }

  // ---- Retries, timeouts.

  private remember(attempt: UpstreamRequest): void {
    if (attempt.host === null) return;
    this.triedHosts ??= [];
    this.triedHosts.push(attempt.host);
  }

  private leave(attempt: UpstreamRequest): void {
    this.remember(attempt);
    attempt.cancel();
    this.attempt = null;
  }

  private retryLater(): void {
    this.retryTimer = this.options.timers.start(this.retry!.backoffMs(), onRetry, this);
  }

  onRetry(): void {
    this.retryTimer = null;
    if (!this.isDone) this.send();
  }

  onTimeout(): void {
    const { callbacks } = this;
    const traffic = this.cluster!.traffic;
    traffic.rqTimeout.inc();
    this.attempt?.host?.onTimeout();
    this.attempt?.cancel();
    callbacks.streamInfo.responseFlags |= ResponseFlag.UpstreamRequestTimeout;
    if (this.hasResponse) {
      this.isDone = true;
      this.stopTimers();
      callbacks.resetStream("response_timeout");
      return;
    }
    this.answer(504, "upstream request timeout", null, "response_timeout");
  }

  onPerTryTimeout(): void {
    const { attempt, callbacks } = this;
    if (attempt === null || this.hasResponse) return;
    this.cluster!.traffic.rqPerTryTimeout.inc();
    attempt.host?.onTimeout();
    callbacks.streamInfo.responseFlags |= ResponseFlag.UpstreamRequestTimeout;
    this.leave(attempt);
    if (this.retry !== null) {
      const decision = this.retry.onPerTryTimeout();
      if (decision === RetryDecision.Yes) {
        callbacks.streamInfo.responseFlags &= ~ResponseFlag.UpstreamRequestTimeout;
        this.retryLater();
        return;
      }
      if (decision === RetryDecision.NoLimit)
        callbacks.streamInfo.responseFlags |= ResponseFlag.UpstreamRetryLimitExceeded;
    }
    this.answer(504, "upstream request timeout", null, "upstream_per_try_timeout");
  }

  /** Answers here instead of the upstream. */
  private answer(
    code: number,
    body: string,
    headers: readonly string[] | null,
    details: string,
  ): void {
    this.isDone = true;
    this.stopTimers();
    if (this.options.chargesDynamicStats)
      this.cluster!.traffic.chargeResponse(code, this.callbacks.isInternalRequest, false);
    this.callbacks.sendLocalReply(code, body, headers, -1, details);
  }

  private onComplete(): void {
    this.isDone = true;
    this.callbacks.streamInfo.lastUpstreamRxMs = this.options.clock.monotonicMs();
    this.stopTimers();
  }

  private stopTimers(): void {
    this.timeoutTimer?.stop();
    this.retryTimer?.stop();
    this.attempt?.perTryTimer?.stop();
    this.retry?.release();
  }

  // ---- The client's pace, and the end.

  onAboveWriteBufferHighWatermark(): void {
    this.downstreamPauses++;
    this.cluster?.traffic.flowControlPausedReading.inc();
    this.attempt?.pause(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    if (this.downstreamPauses === 0) return;
    this.downstreamPauses--;
    this.cluster?.traffic.flowControlResumedReading.inc();
    this.attempt?.pause(false);
  }

  onDestroy(): void {
    this.isDone = true;
    this.stopTimers();
    this.attempt?.cancel();
    this.attempt = null;
  }
}

const NOTHING = new Uint8Array(0);

/** Consumed here, so that upstreams don't see them. */
function removeConsumed(headers: HeaderMap): void {
  for (const name of [
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-max-retries",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-hedge-on-per-try-timeout",
  ])
    headers.remove(name);
}

function millisecondsHeader(headers: HeaderMap, name: string): number | null {
  const text = headers.get(name);
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
}

const GRPC_UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Ms of a grpc-timeout header; -1 when it is absent or malformed. */
function grpcTimeoutMs(text: string | undefined): number {
  const parts = text === undefined ? null : /^(\d{1,8})([HMSmun])$/.exec(text);
  return parts === null ? -1 : Math.ceil(Number(parts[1]) * GRPC_UNITS[parts[2]!]!);
}

function detailsOf(reason: ResetReason): string {
  return RESET_REASON_TEXT[reason]!.replaceAll(" ", "_");
}

function flagOf(reason: ResetReason): number {
  switch (reason) {
    case ResetReason.LocalConnectionFailure:
    case ResetReason.RemoteConnectionFailure:
    case ResetReason.ConnectionTimeout:
      return ResponseFlag.UpstreamConnectionFailure;
    case ResetReason.ConnectionTermination:
      return ResponseFlag.UpstreamConnectionTermination;
    case ResetReason.Overflow:
      return ResponseFlag.UpstreamOverflow;
    case ResetReason.ProtocolError:
      return ResponseFlag.UpstreamProtocolError;
    case ResetReason.LocalReset:
      return ResponseFlag.LocalReset;
    default:
      return ResponseFlag.UpstreamRemoteReset;
  }
}

function onTimeout(router: RouterFilter): void {
  router.onTimeout();
}
function onPerTryTimeout(router: RouterFilter): void {
  router.onPerTryTimeout();
}
function onRetry(router: RouterFilter): void {
  router.onRetry();
}

/** A header without which no request line can be written, if a filter took it away. */
function missingHeader(headers: HeaderMap): string | null {
  const method = headers.get(":method");
  if (method === undefined) return ":method";
  if (method === "CONNECT") return headers.has(":authority") ? null : ":authority";
  return headers.has(":path") ? null : ":path";
}
