/**
 * A stream's filters: the request goes forward through them to the router, the response backward
 * through them to the codec. Joins the two iterations, the filters' handles and local replies.
 */
import type { BodyBuffer as BodyBufferContract, HttpFilter } from "@legate/filter-sdk";
import { LocalReplyStatus } from "@legate/filter-sdk";
import { BodyBuffer } from "../http/body-buffer.ts";
import { BORROWED_CHUNK_LIMIT } from "../http/codec.ts";
import type { HeaderMap } from "../http/header-map.ts";
import type { StreamInfo } from "../http/stream-info.ts";
import type { Route } from "../router/route-table/contracts.ts";
import type { ClusterManager } from "../upstream/contracts.ts";
import type { ConfiguredHttpFilter } from "./filter-chain-config.ts";
import { FilterHandle } from "./filter-handle.ts";
import { FilterIteration } from "./filter-iteration.ts";
import type { DownstreamWatermarkListener } from "./terminal-filter.ts";

/** The connection manager's stream, as its filters see it. */
export interface FilterChainOwner {
  readonly streamInfo: StreamInfo;
  /** The matched route, found at first use. */
  route(): Route | null;
  clearRouteCache(): void;
  /** The response's way to the codec, after all filters. */
  sendHeaders(headers: HeaderMap, endStream: boolean): void;
  sendData(data: BodyBufferContract, endStream: boolean): void;
  sendTrailers(trailers: HeaderMap): void;
  send1xxHeaders(headers: HeaderMap): void;
  /** Response headers went to the codec. */
  readonly hasSentHeaders: boolean;
  /** Makes the reply's headers and body from local_reply_config and the request (gRPC, HEAD). */
  makeLocalReply(reply: LocalReply): PreparedReply;
  reset(details: string): void;
  pauseRequest(pause: boolean): void;
  onRequestTooLarge(): void;
  onResponseTooLarge(): void;
  /** The filters left and nothing of them is on the stack: time to destroy the stream if it has ended. */
  onFiltersIdle(): void;
  readonly connectionId: number;
  readonly isUpgrade: boolean;
  readonly isRequestComplete: boolean;
  readonly isInternalRequest: boolean;
  readonly clusterManager: ClusterManager;
  random(): number;
  /** The client's connection is above its write watermark now. */
  readonly isDownstreamSlow: boolean;
}

export interface LocalReply {
  readonly code: number;
  readonly body: string | Uint8Array;
  /** Names and values in turn. */
  readonly headers: readonly string[] | null;
  /** -1: mapped from the code. */
  readonly grpcStatus: number;
}

export interface PreparedReply {
  readonly headers: HeaderMap;
  /** Empty for gRPC and HEAD. */
  readonly body: Uint8Array;
}

class DecodeIteration extends FilterIteration {
  private readonly chain: FilterChain;

  constructor(chain: FilterChain, filters: readonly HttpFilter[]) {
    super(filters, 1);
    this.chain = chain;
  }

  protected callHeaders(filter: HttpFilter, headers: HeaderMap, endStream: boolean) {
    return filter.decodeHeaders?.(headers, endStream);
  }
  protected callData(filter: HttpFilter, data: BodyBuffer, endStream: boolean) {
    return filter.decodeData?.(data, endStream);
  }
  protected callTrailers(filter: HttpFilter, trailers: HeaderMap) {
    return filter.decodeTrailers?.(trailers);
  }
  protected callComplete(filter: HttpFilter): void {
    filter.decodeComplete?.();
  }
  protected endHeaders(): void {}
  protected endData(): void {}
  protected endTrailers(): void {}
  protected onTooLarge(): void {
    this.chain.owner.onRequestTooLarge();
  }
  protected pauseSource(pause: boolean): void {
    this.chain.owner.pauseRequest(pause);
  }
  protected guard(enter: boolean): void {
    this.chain.guard(enter);
  }
}

class EncodeIteration extends FilterIteration {
  private readonly chain: FilterChain;

  constructor(chain: FilterChain, filters: readonly HttpFilter[]) {
    super(filters, -1);
    this.chain = chain;
  }

  protected callHeaders(filter: HttpFilter, headers: HeaderMap, endStream: boolean) {
    return filter.encodeHeaders?.(headers, endStream);
  }
  protected callData(filter: HttpFilter, data: BodyBuffer, endStream: boolean) {
    return filter.encodeData?.(data, endStream);
  }
  protected callTrailers(filter: HttpFilter, trailers: HeaderMap) {
    return filter.encodeTrailers?.(trailers);
  }
  protected callComplete(filter: HttpFilter): void {
    filter.encodeComplete?.();
  }
  protected endHeaders(headers: HeaderMap, endStream: boolean): void {
    this.chain.owner.sendHeaders(headers, endStream);
  }
  protected endData(data: BodyBuffer, endStream: boolean): void {
    this.chain.owner.sendData(data, endStream);
    data.clear();
  }
  protected endTrailers(trailers: HeaderMap): void {
    this.chain.owner.sendTrailers(trailers);
  }
  protected onTooLarge(): void {
    this.chain.owner.onResponseTooLarge();
  }
  protected pauseSource(pause: boolean): void {
    this.chain.pauseResponse(pause);
  }
  protected guard(enter: boolean): void {
    this.chain.guard(enter);
  }
}

export class FilterChain {
  readonly owner: FilterChainOwner;
  readonly decode: FilterIteration;
  readonly encode: FilterIteration;
  /** The terminal filter hears when held response data should pause the upstream. */
  responseSource: DownstreamWatermarkListener | null = null;
  private readonly filters: HttpFilter[] = [];
  private readonly keepsChunks: boolean;
  private readonly requestChunk = new BodyBuffer();
  private readonly responseChunk = new BodyBuffer();
  private depth = 0;
  private hasReplied = false;
  private isDestroyed = false;

  /** `configured`: the filters of this stream in config order, disabled ones left out; terminal last. */
  constructor(
    owner: FilterChainOwner,
    configured: readonly ConfiguredHttpFilter[],
    bufferLimit: number,
  ) {
    this.owner = owner;
    for (let i = 0; i < configured.length; i++) {
      const entry = configured[i]!;
      this.filters.push(entry.factory.create(new FilterHandle(this, i, entry)));
    }
    this.keepsChunks = configured.length > 1;
    this.decode = new DecodeIteration(this, this.filters);
    this.encode = new EncodeIteration(this, this.filters);
    this.decode.bufferLimit = bufferLimit;
    this.encode.bufferLimit = bufferLimit;
  }

  /** No response has begun, none was replied, and the stream lives. */
  get canContinueDecoding(): boolean {
    return !this.decode.isAborted && !this.isDestroyed;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): void {
    this.decode.startHeaders(headers, endStream);
  }

  /** `chunk` follows the rule of http/codec.ts. */
  decodeData(chunk: Uint8Array, endStream: boolean): void {
    if (this.decode.isAborted) return;
    this.requestChunk.append(this.ownedBy(chunk));
    this.decode.startData(this.requestChunk, endStream);
    this.requestChunk.clear();
  }

  decodeTrailers(trailers: HeaderMap): void {
    if (!this.decode.isAborted) this.decode.startTrailers(trailers);
  }

  encode1xxHeaders(headers: HeaderMap): void {
    if (!this.encode.isAborted) this.owner.send1xxHeaders(headers);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.encode.isAborted) return;
    this.owner.streamInfo.responseHeaders = headers;
    this.encode.startHeaders(headers, endStream);
  }

  encodeData(chunk: Uint8Array, endStream: boolean): void {
    if (this.encode.isAborted) return;
    // Filters see the end of an HTTP/1 body as an empty chunk of its own, as Envoy's codec gives it.
    const endsApart = endStream && this.keepsChunks && chunk.length > 0;
    this.responseChunk.append(this.ownedBy(chunk));
    this.encode.startData(this.responseChunk, endStream && !endsApart);
    this.responseChunk.clear();
    if (endsApart && !this.encode.isAborted) this.encode.startData(this.responseChunk, true);
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.encode.isAborted) return;
    this.owner.streamInfo.responseTrailers = trailers;
    this.encode.startTrailers(trailers);
  }

  /** Filters may hold what they are given: a borrowed chunk is copied for them. */
  private ownedBy(chunk: Uint8Array): Uint8Array {
    return this.keepsChunks && chunk.length < BORROWED_CHUNK_LIMIT ? Uint8Array.from(chunk) : chunk;
  }

  /** See FilterCallbacks.sendLocalReply. The first reply wins. */
  sendLocalReply(
    code: number,
    body: string | Uint8Array,
    headers: readonly string[] | null,
    grpcStatus: number,
    details: string,
  ): void {
    if (this.isDestroyed || this.hasReplied) return;
    this.guard(true);
    this.reply({ code, body, headers, grpcStatus }, details);
    this.guard(false);
  }

  private reply(reply: LocalReply, details: string): void {
    const { owner } = this;
    this.hasReplied = true;
    this.decode.abort();
    owner.streamInfo.responseCodeDetails = details;
    let resets = false;
    for (let i = this.filters.length - 1; i >= 0; i--) {
      const status = this.filters[i]!.onLocalReply?.(reply.code, details);
      if (status === LocalReplyStatus.ContinueAndResetStream) resets = true;
    }
    if (owner.hasSentHeaders || resets) {
      owner.reset(details);
      return;
    }
    const prepared = owner.makeLocalReply(reply);
    const endsWithHeaders = prepared.body.length === 0;
    // A response is already passing through the filters: the reply goes past them.
    if (this.encode.headers !== null) {
      this.encode.abort();
      owner.streamInfo.responseHeaders = prepared.headers;
      owner.sendHeaders(prepared.headers, endsWithHeaders);
      if (endsWithHeaders) return;
      const data = new BodyBuffer();
      data.append(prepared.body);
      owner.sendData(data, true);
      return;
    }
    this.encodeHeaders(prepared.headers, endsWithHeaders);
    if (!endsWithHeaders && !this.encode.isAborted) {
      const data = new BodyBuffer();
      data.append(prepared.body);
      this.encode.startData(data, true);
    }
  }

  get hasLocalReply(): boolean {
    return this.hasReplied;
  }

  pauseResponse(pause: boolean): void {
    if (pause) this.responseSource?.onAboveWriteBufferHighWatermark();
    else this.responseSource?.onBelowWriteBufferLowWatermark();
  }

  /** Counts the filters' frames on the stack. */
  guard(enter: boolean): void {
    if (enter) this.depth++;
    else if (--this.depth === 0) this.owner.onFiltersIdle();
  }

  get isRunning(): boolean {
    return this.depth > 0;
  }

  /** The stream is complete: filters may still change what is logged. */
  onStreamComplete(): void {
    for (let i = 0; i < this.filters.length; i++) this.filters[i]!.onStreamComplete?.();
  }

  onAccessLog(): void {
    for (let i = 0; i < this.filters.length; i++) this.filters[i]!.onAccessLog?.();
  }

  /** Ends all filters; nothing is called afterwards. */
  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.decode.abort();
    this.encode.abort();
    for (let i = 0; i < this.filters.length; i++) this.filters[i]!.onDestroy?.();
  }
}
