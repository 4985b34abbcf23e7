/** One filter's view of its stream: implements the callbacks of filter-sdk for that filter's place in the chain. */
import type { BodyBuffer } from "@legate/filter-sdk";
import { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { Route } from "../router/route-table/contracts.ts";
import type { ClusterManager } from "../upstream/contracts.ts";
import type { FilterChain } from "./filter-chain.ts";
import type { ConfiguredHttpFilter } from "./filter-chain-config.ts";
import type { DownstreamWatermarkListener, TerminalFilterCallbacks } from "./terminal-filter.ts";

export class FilterHandle implements TerminalFilterCallbacks {
  readonly streamInfo: StreamInfo;
  overrideHost: string | null = null;
  private readonly chain: FilterChain;
  private readonly index: number;
  private readonly configured: ConfiguredHttpFilter;

  constructor(chain: FilterChain, index: number, configured: ConfiguredHttpFilter) {
    this.chain = chain;
    this.index = index;
    this.configured = configured;
    this.streamInfo = chain.owner.streamInfo;
  }

  get requestHeaders(): HeaderMap | null {
    return this.chain.decode.headers;
  }

  get requestTrailers(): HeaderMap | null {
    return this.chain.decode.trailers;
  }

  get responseHeaders(): HeaderMap | null {
    return this.chain.encode.headers;
  }

  get responseTrailers(): HeaderMap | null {
    return this.chain.encode.trailers;
  }

  get decodingBuffer(): BodyBuffer | null {
    return this.chain.decode.buffered;
  }

  get encodingBuffer(): BodyBuffer | null {
    return this.chain.encode.buffered;
  }

  get decoderBufferLimit(): number {
    return this.chain.decode.bufferLimit;
  }

  set decoderBufferLimit(bytes: number) {
    this.chain.decode.bufferLimit = bytes;
  }

  get encoderBufferLimit(): number {
    return this.chain.encode.bufferLimit;
  }

  set encoderBufferLimit(bytes: number) {
    this.chain.encode.bufferLimit = bytes;
  }

  routeConfig<T>(): T | null {
    return (this.route()?.filterConfig(this.configured.name) ?? null) as T | null;
  }

  routeConfigs<T>(): readonly T[] {
    return (this.route()?.filterConfigs(this.configured.name) ?? []) as readonly T[];
  }

  clearRouteCache(): void {
    this.chain.owner.clearRouteCache();
  }

  continueDecoding(): void {
    if (!this.chain.canContinueDecoding) return;
    this.chain.guard(true);
    this.chain.decode.continueFrom(this.index);
    this.chain.guard(false);
  }

  continueEncoding(): void {
    this.chain.guard(true);
    this.chain.encode.continueFrom(this.index);
    this.chain.guard(false);
  }

  addDecodedData(data: Uint8Array): void {
    this.chain.decode.addData(this.index, data);
  }

  addEncodedData(data: Uint8Array): void {
    this.chain.encode.addData(this.index, data);
  }

  injectDecodedData(data: Uint8Array, endStream: boolean): void {
    this.chain.guard(true);
    this.chain.decode.injectData(this.index, data, endStream);
    this.chain.guard(false);
  }

  injectEncodedData(data: Uint8Array, endStream: boolean): void {
    this.chain.guard(true);
    this.chain.encode.injectData(this.index, data, endStream);
    this.chain.guard(false);
  }

  addDecodedTrailers(): HeaderMap {
    const trailers = new HeaderMap();
    this.chain.decode.trailers = trailers;
    this.streamInfo.requestTrailers = trailers;
    return trailers;
  }

  addEncodedTrailers(): HeaderMap {
    const trailers = new HeaderMap();
    this.chain.encode.trailers = trailers;
    this.streamInfo.responseTrailers = trailers;
    return trailers;
  }

  sendLocalReply(
    code: number,
    body: string | Uint8Array,
    headers: readonly string[] | null,
    grpcStatus: number,
    details: string,
  ): void {
    this.chain.sendLocalReply(code, body, headers, grpcStatus, details);
  }

  resetStream(details: string): void {
    this.chain.guard(true);
    this.chain.owner.reset(details);
    this.chain.guard(false);
  }

  // ---- What only the terminal filter uses.

  get clusterManager(): ClusterManager {
    return this.chain.owner.clusterManager;
  }

  get downstreamConnectionId(): number {
    return this.chain.owner.connectionId;
  }

  get isUpgrade(): boolean {
    return this.chain.owner.isUpgrade;
  }

  get isRequestComplete(): boolean {
    return this.chain.owner.isRequestComplete;
  }

  get isInternalRequest(): boolean {
    return this.chain.owner.isInternalRequest;
  }

  random(): number {
    return this.chain.owner.random();
  }

  route(): Route | null {
    return this.chain.owner.route();
  }

  encode1xxHeaders(headers: HeaderMap): void {
    this.chain.encode1xxHeaders(headers);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    this.chain.guard(true);
    this.chain.encodeHeaders(headers, endStream);
    this.chain.guard(false);
  }

  encodeData(chunk: Uint8Array, endStream: boolean): void {
    this.chain.guard(true);
    this.chain.encodeData(chunk, endStream);
    this.chain.guard(false);
  }

  encodeTrailers(trailers: HeaderMap): void {
    this.chain.guard(true);
    this.chain.encodeTrailers(trailers);
    this.chain.guard(false);
  }

  pauseRequest(pause: boolean): void {
    this.chain.owner.pauseRequest(pause);
  }

  setDownstreamWatermarkListener(listener: DownstreamWatermarkListener | null): void {
    this.chain.responseSource = listener;
    if (this.chain.owner.isDownstreamSlow) listener?.onAboveWriteBufferHighWatermark();
  }
}
