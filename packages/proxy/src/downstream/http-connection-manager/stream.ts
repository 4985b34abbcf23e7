/**
 * One request and its response on a downstream connection: between the codec and the filters.
 *
 *     codec ─decodeHeaders─▶ checks ─▶ header mutation ─▶ route ─▶ filter chain ─▶ … router
 *     codec ◀─encodeHeaders─ header mutation ◀──────────────────── filter chain ◀─ … router
 */
import type { Address, BodyBuffer, Timer } from "@legate/filter-sdk";
import { ResponseFlag } from "@legate/filter-sdk";
import {
  FilterChain,
  type FilterChainOwner,
  type LocalReply,
  type PreparedReply,
} from "../../filters/filter-chain.ts";
import type { ConfiguredHttpFilter } from "../../filters/filter-chain-config.ts";
import type { RequestDecoder, ResponseEncoder } from "../../http/codec.ts";
import { ResetReason } from "../../http/codec.ts";
import { HeaderMap } from "../../http/header-map.ts";
import { StreamInfo } from "../../http/stream-info.ts";
import type { Route } from "../../router/route-table/contracts.ts";
import type { ClusterManager } from "../../upstream/contracts.ts";
import type { HttpConnection } from "./http-connection.ts";
import { prepareLocalReply } from "./local-reply.ts";
import type { HcmOptions } from "./options.ts";
import { EscapedSlashes, normalizePath } from "./path-normalization.ts";
import { mutateRequestHeaders } from "./request-headers.ts";
import { httpDate, mutateResponseHeaders } from "./response-headers.ts";
import { findSpecialHeaders, Special } from "./special-headers.ts";

const EMPTY = new Uint8Array(0);

export class ActiveStream implements RequestDecoder, FilterChainOwner {
  readonly streamInfo: StreamInfo;
  hasSentHeaders = false;
  isUpgrade = false;
  isRequestComplete = false;
  isInternalRequest = false;
  private readonly connection: HttpConnection;
  private readonly options: HcmOptions;
  private readonly encoder: ResponseEncoder;
  private chain: FilterChain | null = null;
  private requestHeaders: HeaderMap | null = null;
  private cachedRoute: Route | null = null;
  private isRouteCached = false;
  private routeRandom = -1;
  private isResponseComplete = false;
  private isFinished = false;
  private isReset = false;
  private asksClose = false;
  private headersTimer: Timer | null = null;
  private requestTimer: Timer | null = null;
  private durationTimer: Timer | null = null;
  /** The route's own idle timeout; null: the connection's timer does it. */
  private idleTimer: Timer | null = null;
  private isIdleTimerOff = false;

  constructor(connection: HttpConnection, options: HcmOptions, encoder: ResponseEncoder) {
    this.connection = connection;
    this.options = options;
    this.encoder = encoder;
    const { clock } = options.loop;
    this.streamInfo = new StreamInfo(
      connection.id,
      clock.nowMs(),
      clock.monotonicMs(),
      connection.localAddress,
      connection.remoteAddress,
    );
    this.streamInfo.filterChainName = options.filterChainName;
    const { timers } = options.loop;
    const { timeouts } = options;
    if (timeouts.requestHeaders > 0)
      this.headersTimer = timers.start(timeouts.requestHeaders, onHeadersTimeout, this);
    if (timeouts.request > 0)
      this.requestTimer = timers.start(timeouts.request, onRequestTimeout, this);
  }

  // ---- From the codec.

  decodeHeaders(headers: HeaderMap, endStream: boolean): void {
    const { options, streamInfo } = this;
    this.headersTimer?.stop();
    this.requestHeaders = headers;
    streamInfo.requestHeaders = headers;
    streamInfo.protocol = this.connection.protocol;
    streamInfo.requestHeaderBytes = headers.byteSize;
    if (endStream) this.onRequestEnd();
    const bits = findSpecialHeaders(headers);
    if ((bits & Special.Expect) !== 0 && !options.proxies100Continue) this.answerExpect(headers);
    if (!this.checkHostAndPath(headers)) return;
    this.asksClose = this.wantsClose(headers, bits);
    const upgradeType = this.upgradeType(headers, bits);
    mutateRequestHeaders(
      headers,
      bits,
      upgradeType !== "",
      options.requestHeaders,
      this.connection.remoteAddress,
      this.connection.localAddress,
      this.origin,
    );
    streamInfo.downstreamRemoteAddress = this.origin.address;
    this.isInternalRequest = this.origin.isInternal;
    const route = this.route();
    if (upgradeType !== "" && !this.acceptUpgrade(upgradeType, route, headers)) return;
    this.applyRouteTimeouts(route);
    const chain = this.createChain(route);
    chain.decodeHeaders(headers, endStream);
  }

  /** Filled by mutateRequestHeaders; its shape is fixed so that no object is made per request. */
  private readonly origin: { address: Address; isInternal: boolean } = {
    address: NO_ORIGIN,
    isInternal: false,
  };

  decodeData(chunk: Uint8Array, endStream: boolean): void {
    this.streamInfo.bytesReceived += chunk.length;
    this.restartIdleTimer();
    if (!endStream || chunk.length === 0) {
      if (endStream) this.onRequestEnd();
      this.chain?.decodeData(chunk, endStream);
      return;
    }
    // The end of an HTTP/1 body comes apart from its last bytes, as from Envoy's codec: an answer to
    // these finds the request incomplete.
    this.chain?.decodeData(chunk, false);
    this.onRequestEnd();
    this.chain?.decodeData(EMPTY, true);
  }

  decodeTrailers(trailers: HeaderMap): void {
    this.restartIdleTimer();
    this.onRequestEnd();
    this.streamInfo.requestTrailers = trailers;
    this.chain?.decodeTrailers(trailers);
  }

  onCodecError(code: number, body: string, details: string): void {
    this.options.stats.cxProtocolError.inc();
    this.streamInfo.responseFlags |= ResponseFlag.DownstreamProtocolError;
    this.streamInfo.protocol ??= this.connection.protocol;
    if (code === 0) {
      // A flood gets no answer.
      this.reset(details);
      return;
    }
    this.reply(code, body, null, details);
  }

  onReset(reason: ResetReason): void {
    if (this.isFinished) return;
    this.options.stats.rqRxReset.inc();
    const { streamInfo } = this;
    streamInfo.protocol ??= "HTTP/1.1";
    if (reason === ResetReason.ConnectionTermination || reason === ResetReason.RemoteReset) {
      streamInfo.responseFlags |= ResponseFlag.DownstreamConnectionTermination;
      streamInfo.responseCodeDetails = this.connection.isClosedByPeer
        ? "downstream_remote_disconnect"
        : "downstream_local_disconnect";
    }
    this.finish();
  }

  private onRequestEnd(): void {
    this.isRequestComplete = true;
    this.streamInfo.lastDownstreamRxMs = this.options.loop.clock.monotonicMs();
    this.requestTimer?.stop();
  }

  // ---- Checks before the filters.

  private answerExpect(headers: HeaderMap): void {
    if (headers.get("expect")?.toLowerCase() !== "100-continue") return;
    headers.remove("expect");
    const answer = new HeaderMap();
    answer.append(":status", "100");
    this.encoder.encode1xxHeaders(answer);
  }

  /** False: the request was answered. */
  private checkHostAndPath(headers: HeaderMap): boolean {
    const { options } = this;
    if (this.connection.protocol === "HTTP/1.0") {
      if (!options.acceptsHttp10) return this.refuseVersion();
      if (!headers.has(":authority") && options.defaultHostForHttp10 !== "")
        headers.prepend(":authority", options.defaultHostForHttp10);
    }
    const host = headers.get(":authority");
    if (host === undefined) return this.reply(400, "", null, "missing_host_header");
    const method = headers.get(":method");
    if (method === "QUERY" && !headers.has("content-type"))
      return this.reply(400, "", null, "query_missing_content_type");
    const isConnect = method === "CONNECT";
    const path = headers.get(":path") ?? "";
    if (!isConnect) {
      if (path === "") return this.reply(404, "", null, "missing_path_rejected");
      if (path.charCodeAt(0) !== 0x2f) {
        options.stats.rqNonRelativePath.inc();
        return this.reply(404, "", null, "absolute_path_rejected");
      }
      if (!this.checkPath(headers, path)) return false;
    }
    this.normalizeHost(headers, host);
    return true;
  }

  /** As a codec's error: nothing of the request is known. */
  private refuseVersion(): false {
    const { streamInfo } = this;
    this.requestHeaders = null;
    streamInfo.requestHeaders = null;
    streamInfo.protocol = "HTTP/1.1";
    streamInfo.responseFlags |= ResponseFlag.DownstreamProtocolError;
    return this.reply(426, "Upgrade Required", null, "low_version");
  }

  private checkPath(headers: HeaderMap, path: string): boolean {
    const { stats, path: pathOptions } = this.options;
    if (path.includes("#")) {
      stats.rqFailedPathNormalization.inc();
      return this.reply(400, "", null, "path_normalization_failed");
    }
    if (
      !pathOptions.normalizes &&
      !pathOptions.mergesSlashes &&
      pathOptions.escapedSlashes === EscapedSlashes.Keep
    )
      return true;
    const normalized = normalizePath(path, pathOptions);
    if (normalized.path === null) {
      stats.rqFailedPathNormalization.inc();
      return this.reply(400, "", null, "path_normalization_failed");
    }
    if (normalized.redirects) {
      stats.rqRedirectedWithNormalizedPath.inc();
      return this.reply(307, "", ["location", normalized.path], "path_normalization_failed");
    }
    if (normalized.path !== path) headers.set(":path", normalized.path);
    return true;
  }

  private normalizeHost(headers: HeaderMap, host: string): void {
    const { options } = this;
    let stripped = host;
    if (options.stripsAnyHostPort || options.strippedHostPort > 0) {
      const colon = host.lastIndexOf(":");
      if (colon > 0 && host.indexOf("]", colon) < 0) {
        const port = Number(host.slice(colon + 1));
        if (options.stripsAnyHostPort || port === options.strippedHostPort)
          stripped = host.slice(0, colon);
      }
    }
    if (options.stripsTrailingHostDot && stripped.endsWith(".")) stripped = stripped.slice(0, -1);
    if (stripped !== host) headers.set(":authority", stripped);
  }

  /** The client closes after this response: by its version or its connection headers. */
  private wantsClose(headers: HeaderMap, bits: number): boolean {
    const isOld = this.connection.protocol === "HTTP/1.0";
    if ((bits & (Special.Connection | Special.HopByHop)) === 0) return isOld;
    const tokens = `${headers.get("connection") ?? ""},${headers.get("proxy-connection") ?? ""}`
      .toLowerCase()
      .split(",")
      .map((token) => token.trim());
    return tokens.includes("close") || (isOld && !tokens.includes("keep-alive"));
  }

  /** The lowercase upgrade type asked for; "" for none. h2c is ignored. */
  private upgradeType(headers: HeaderMap, bits: number): string {
    const both = Special.Connection | Special.Upgrade;
    if ((bits & both) !== both) return "";
    const asks = headers
      .get("connection")!
      .split(",")
      .some((token) => token.trim().toLowerCase() === "upgrade");
    if (!asks) return "";
    const type = headers.get("upgrade")!.toLowerCase();
    return type === "h2c" ? "" : type;
  }

  private acceptUpgrade(type: string, route: Route | null, headers: HeaderMap): boolean {
    const isAllowed = route?.upgrades?.get(type) ?? this.options.upgrades.get(type) ?? false;
    if (!isAllowed) {
      if (route === null) {
        headers.remove("connection");
        headers.remove("upgrade");
      }
      this.options.stats.rqWsOnNonWsRoute.inc();
      return this.reply(403, "", null, "upgrade_failed");
    }
    this.isUpgrade = true;
    return true;
  }

  private applyRouteTimeouts(route: Route | null): void {
    const { timers } = this.options.loop;
    if (route !== null && route.idleTimeoutMs >= 0) {
      this.isIdleTimerOff = true;
      this.connection.stopStreamIdleTimer();
      if (route.idleTimeoutMs > 0)
        this.idleTimer = timers.start(route.idleTimeoutMs, onStreamIdle, this);
    }
    const routeDuration = route === null ? -1 : route.maxStreamDurationMs;
    const duration = routeDuration >= 0 ? routeDuration : this.options.timeouts.maxStreamDuration;
    if (duration > 0) this.durationTimer = timers.start(duration, onMaxDuration, this);
  }

  private createChain(route: Route | null): FilterChain {
    const { options } = this;
    const configured =
      options.hasDisabledFilters || route !== null ? this.enabledFilters(route) : options.filters;
    const limit =
      route !== null && route.bufferLimitBytes >= 0
        ? route.bufferLimitBytes
        : options.bufferLimitBytes;
    const chain = new FilterChain(this, configured, limit);
    this.chain = chain;
    return chain;
  }

  /** Filters that neither their own config nor the route's disables. */
  private enabledFilters(route: Route | null): readonly ConfiguredHttpFilter[] {
    const { filters } = this.options;
    let kept: ConfiguredHttpFilter[] | null = null;
    for (let i = 0; i < filters.length; i++) {
      const filter = filters[i]!;
      const isDisabled =
        !filter.isTerminal && (route?.isFilterDisabled(filter.name) ?? filter.isDisabled);
      if (isDisabled) kept ??= filters.slice(0, i);
      else if (kept !== null) kept.push(filter);
    }
    return kept ?? filters;
  }

  private keepsConnection(code: number, details: string): boolean {
    if (code === 404 || code === 307) return true;
    return details === "missing_host_header" && this.options.keepsOnStreamError;
  }

  /** Answers without the filters having seen the request; always false, for `return this.reply(…)`. */
  private reply(
    code: number,
    body: string,
    headers: readonly string[] | null,
    details: string,
  ): false {
    if (this.isFinished || this.isResponseComplete) return false;
    // Refused before the filters saw it: most such connections are not to be trusted further.
    if (this.chain === null && !this.keepsConnection(code, details)) this.asksClose = true;
    const chain = this.chain ?? this.createChain(null);
    chain.sendLocalReply(code, body, headers, -1, details);
    return false;
  }

  // ---- FilterChainOwner.

  get clusterManager(): ClusterManager {
    return this.options.clusterManager;
  }

  get connectionId(): number {
    return this.connection.id;
  }

  get isDownstreamSlow(): boolean {
    return this.connection.isAboveHighWatermark;
  }

  random(): number {
    return Math.random();
  }

  route(): Route | null {
    if (this.isRouteCached) return this.cachedRoute;
    this.isRouteCached = true;
    const headers = this.requestHeaders;
    const { routeTable, clusterManager } = this.options;
    // Envoy finds no route for a request whose x-forwarded-proto a filter took away.
    if (headers === null || routeTable === null || !headers.has("x-forwarded-proto")) {
      this.streamInfo.upstreamCluster = null;
      return null;
    }
    if (this.routeRandom < 0) this.routeRandom = Math.floor(Math.random() * 0x1_0000_0000);
    const route = routeTable.match(headers, this.streamInfo, this.routeRandom);
    this.cachedRoute = route;
    this.streamInfo.routeName = route === null || route.name === "" ? null : route.name;
    this.streamInfo.virtualHostName = route === null ? null : route.virtualHostName;
    const forward = route === null ? null : route.forward;
    const cluster = forward === null ? null : clusterManager.get(forward.clusterName(headers));
    this.streamInfo.upstreamCluster = cluster === null ? null : cluster.statName;
    return route;
  }

  clearRouteCache(): void {
    this.isRouteCached = false;
    this.cachedRoute = null;
  }

  send1xxHeaders(headers: HeaderMap): void {
    if (!this.options.proxies100Continue) return;
    this.restartIdleTimer();
    this.encoder.encode1xxHeaders(headers);
  }

  sendHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.isResponseComplete || this.isReset) return;
    const { options, streamInfo } = this;
    const code = Number(headers.get(":status") ?? "0");
    if (!(code >= 100 && code < 1000)) {
      this.replaceInvalidResponse(headers);
      return;
    }
    this.hasSentHeaders = true;
    const isUpgradeResponse = this.isUpgrade && code === 101;
    mutateResponseHeaders(
      headers,
      this.requestHeaders,
      options.responseHeaders,
      httpDate(options.loop.clock.nowMs()),
      isUpgradeResponse,
    );
    streamInfo.responseCode = code;
    streamInfo.responseHeaders = headers;
    streamInfo.responseHeaderBytes = headers.byteSize;
    streamInfo.firstDownstreamTxMs = options.loop.clock.monotonicMs();
    if (!streamInfo.isHealthCheck) {
      options.stats.codes.count(code);
      options.listenerCodes.count(code);
    }
    if (isUpgradeResponse) this.connection.onUpgraded();
    else this.decideClose(headers);
    this.restartIdleTimer();
    this.encoder.encodeHeaders(headers, endStream);
    if (endStream) this.onResponseEnd();
  }

  /** A filter took `:status` away. */
  private replaceInvalidResponse(headers: HeaderMap): void {
    const reply = this.makeLocalReply({
      code: 502,
      body: "missing required header: :status",
      headers: null,
      grpcStatus: -1,
    });
    this.streamInfo.responseCodeDetails =
      "filter_removed_required_response_headers{missing_required_header:_:status}";
    headers.replaceAll([]);
    this.sendHeaders(reply.headers, reply.body.length === 0);
    if (reply.body.length > 0) this.sendChunk(reply.body, true);
  }

  private decideClose(headers: HeaderMap): void {
    const { options, encoder } = this;
    if (!this.isRequestComplete) {
      options.stats.rqResponseBeforeRqComplete.inc();
      encoder.closeAfterResponse();
    } else if (this.isUpgrade || this.asksClose || this.connection.mustClose()) {
      encoder.closeAfterResponse();
    } else {
      const chance = options.drainCloseChance();
      if (chance > 0 && Math.random() < chance) {
        options.stats.cxDrainClose.inc();
        encoder.closeAfterResponse();
      } else if (this.connection.protocol === "HTTP/1.0") headers.set("connection", "keep-alive");
    }
  }

  sendData(data: BodyBuffer, endStream: boolean): void {
    const { chunks } = data;
    if (chunks.length === 0) {
      if (endStream) this.sendChunk(EMPTY, true);
      return;
    }
    const last = chunks.length - 1;
    for (let i = 0; i <= last; i++) this.sendChunk(chunks[i]!, endStream && i === last);
  }

  private sendChunk(chunk: Uint8Array, endStream: boolean): void {
    if (this.isResponseComplete || this.isReset) return;
    this.streamInfo.bytesSent += chunk.length;
    this.restartIdleTimer();
    this.encoder.encodeData(chunk, endStream);
    if (endStream) this.onResponseEnd();
  }

  sendTrailers(trailers: HeaderMap): void {
    if (this.isResponseComplete || this.isReset) return;
    this.encoder.encodeTrailers(trailers);
    this.onResponseEnd();
  }

  makeLocalReply(reply: LocalReply): PreparedReply {
    const route = this.isRouteCached ? this.cachedRoute : null;
    return prepareLocalReply(
      reply,
      this.options.localReply,
      this.streamInfo,
      this.requestHeaders,
      route,
    );
  }

  reset(details: string): void {
    if (this.isFinished || this.isResponseComplete || this.isReset) return;
    this.isReset = true;
    this.options.stats.rqTxReset.inc();
    if (details !== "") this.streamInfo.responseCodeDetails ??= details;
    this.encoder.resetStream(ResetReason.LocalReset);
    this.finish();
  }

  pauseRequest(pause: boolean): void {
    if (this.isFinished) return;
    const { stats } = this.options;
    (pause ? stats.flowPaused : stats.flowResumed).inc();
    this.encoder.readDisable(pause);
  }

  onRequestTooLarge(): void {
    this.options.stats.rqTooLarge.inc();
    this.reply(413, "Payload Too Large", null, "request_payload_too_large");
  }

  onResponseTooLarge(): void {
    this.options.stats.rsTooLarge.inc();
    this.reply(500, "Internal Server Error", null, "response_payload_too_large");
  }

  onFiltersIdle(): void {
    if (this.isResponseComplete || this.isReset) this.finish();
  }

  // ---- Watermarks of the connection.

  onAboveWriteBufferHighWatermark(): void {
    this.chain?.responseSource?.onAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.chain?.responseSource?.onBelowWriteBufferLowWatermark();
  }

  // ---- Timeouts.

  private restartIdleTimer(): void {
    if (this.idleTimer !== null) this.idleTimer.restart();
    else if (!this.isIdleTimerOff) this.connection.restartStreamIdleTimer();
  }

  onIdleTimeout(): void {
    this.options.stats.rqIdleTimeout.inc();
    this.streamInfo.responseFlags |= ResponseFlag.StreamIdleTimeout;
    if (this.hasSentHeaders) this.reset("stream_idle_timeout");
    else this.reply(this.timeoutCode, "stream timeout", null, "stream_idle_timeout");
  }

  onHeadersTimeout(): void {
    this.options.stats.rqHeaderTimeout.inc();
    this.streamInfo.protocol ??= null;
    this.reply(408, "request header timeout", null, "request_header_timeout");
  }

  onRequestTimeout(): void {
    this.options.stats.rqTimeout.inc();
    this.reply(408, "request timeout", null, "request_overall_timeout");
  }

  onMaxDuration(): void {
    this.options.stats.rqMaxDurationReached.inc();
    if (this.hasSentHeaders) this.reset("max_duration_timeout");
    else this.reply(this.timeoutCode, "downstream duration timeout", null, "max_duration_timeout");
  }

  private get timeoutCode(): number {
    return this.isRequestComplete ? 504 : 408;
  }

  // ---- The end.

  private onResponseEnd(): void {
    this.isResponseComplete = true;
    this.streamInfo.lastDownstreamTxMs = this.options.loop.clock.monotonicMs();
    if (this.chain === null || !this.chain.isRunning) this.finish();
  }

  /** Logs and destroys the stream, once nothing of its filters is on the stack. */
  private finish(): void {
    if (this.isFinished) return;
    const { chain, options, streamInfo } = this;
    if (chain?.isRunning) {
      // onFiltersIdle comes back here.
      this.isReset = true;
      return;
    }
    this.isFinished = true;
    this.headersTimer?.stop();
    this.requestTimer?.stop();
    this.durationTimer?.stop();
    this.idleTimer?.stop();
    streamInfo.isComplete = true;
    chain?.onStreamComplete();
    for (let i = 0; i < options.accessLogs.length; i++) options.accessLogs[i]!.log(streamInfo);
    chain?.onAccessLog();
    chain?.destroy();
    options.stats.rqActive.dec();
    options.stats.rqTime.record(options.loop.clock.monotonicMs() - streamInfo.startMonotonicMs);
    this.connection.onStreamFinished(this);
  }
}

const NO_ORIGIN: Address = { ip: "", port: 0, text: "" };

function onHeadersTimeout(stream: ActiveStream): void {
  stream.onHeadersTimeout();
}
function onRequestTimeout(stream: ActiveStream): void {
  stream.onRequestTimeout();
}
function onStreamIdle(stream: ActiveStream): void {
  stream.onIdleTimeout();
}
function onMaxDuration(stream: ActiveStream): void {
  stream.onMaxDuration();
}
