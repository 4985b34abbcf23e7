/**
 * One attempt to send a request upstream: waits for a connection, writes the request, receives the
 * response for the router.
 */
import type { Timer } from "@legate/filter-sdk";
import {
  BORROWED_CHUNK_LIMIT,
  type RequestEncoder,
  ResetReason,
  type ResponseDecoder,
} from "../../http/codec.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import {
  type Cluster,
  type Host,
  type LoadBalancerContext,
  NO_HOST,
  type PendingStream,
  type PoolCallbacks,
  PoolFailureReason,
  type Priority,
  type UpstreamConnectionInfo,
} from "../../upstream/contracts.ts";

/** The router's side. */
export interface UpstreamRequestOwner {
  /** A host was chosen whose connection isn't ready yet. */
  onHostChosen(host: Host): void;
  onUpstreamReady(request: UpstreamRequest, host: Host, connection: UpstreamConnectionInfo): void;
  onUpstream1xx(headers: HeaderMap): void;
  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void;
  onUpstreamData(request: UpstreamRequest, chunk: Uint8Array, endStream: boolean): void;
  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void;
  onUpstreamReset(request: UpstreamRequest, reason: ResetReason, details: string): void;
  /** The upstream takes no more (true) or does again. */
  onUpstreamSlow(isSlow: boolean): void;
}

export class UpstreamRequest implements PoolCallbacks, ResponseDecoder {
  host: Host | null = null;
  hasSentHeaders = false;
  isAwaitingHeaders = true;
  perTryTimer: Timer | null = null;
  startedMs = 0;
  private readonly owner: UpstreamRequestOwner;
  private readonly headers: HeaderMap;
  private encoder: RequestEncoder | null = null;
  private pending: PendingStream | null = null;
  /** What came before the connection was ready. */
  private held: Uint8Array[] = [];
  private heldTrailers: HeaderMap | null = null;
  private hasEnded: boolean;
  private isOver = false;
  private isSlow = false;
  private isPaused = 0;

  constructor(owner: UpstreamRequestOwner, headers: HeaderMap, endStream: boolean) {
    this.owner = owner;
    this.headers = headers;
    this.hasEnded = endStream;
  }

  /** False: the cluster has no host to offer. */
  start(cluster: Cluster, priority: Priority, context: LoadBalancerContext): boolean {
    const result = cluster.newStream(priority, context, this, this);
    if (result === NO_HOST) {
      this.isOver = true;
      return false;
    }
    if (this.encoder === null && !this.isOver) {
      this.pending = result;
      if (result !== null) this.owner.onHostChosen(result.host);
    }
    return true;
  }

  get isConnected(): boolean {
    return this.encoder !== null;
  }

  sendData(chunk: Uint8Array, endStream: boolean): void {
    if (this.isOver) return;
    if (endStream) this.hasEnded = true;
    if (this.encoder !== null) this.encoder.encodeData(chunk, endStream);
    else if (chunk.length > 0)
      this.held.push(chunk.length < BORROWED_CHUNK_LIMIT ? Uint8Array.from(chunk) : chunk);
  }

  sendTrailers(trailers: HeaderMap): void {
    if (this.isOver) return;
    this.hasEnded = true;
    if (this.encoder !== null) this.encoder.encodeTrailers(trailers);
    else this.heldTrailers = trailers;
  }

  /** Bytes that wait for a connection. */
  get heldBytes(): number {
    let bytes = 0;
    for (const chunk of this.held) bytes += chunk.length;
    return bytes;
  }

  /** Pauses or resumes the response; calls nest. */
  pause(paused: boolean): void {
    this.isPaused += paused ? 1 : -1;
    if (!this.isOver) this.encoder?.readDisable(paused);
  }

  /** Gives up: nothing is called afterwards. */
  cancel(): void {
    if (this.isOver) return;
    this.finish();
    if (this.pending !== null) this.pending.cancel();
    else this.encoder?.resetStream(ResetReason.LocalReset);
  }

  private finish(): void {
    this.isOver = true;
    this.perTryTimer?.stop();
    if (this.isSlow) {
      this.isSlow = false;
      this.owner.onUpstreamSlow(false);
    }
  }

  // ---- PoolCallbacks.

  onPoolReady(encoder: RequestEncoder, host: Host, connection: UpstreamConnectionInfo): void {
    this.pending = null;
    this.encoder = encoder;
    this.host = host;
    this.owner.onUpstreamReady(this, host, connection);
    if (this.isOver) return;
    for (let i = 0; i < this.isPaused; i++) encoder.readDisable(true);
    const { held, heldTrailers } = this;
    this.hasSentHeaders = true;
    encoder.encodeHeaders(
      this.headers,
      this.hasEnded && held.length === 0 && heldTrailers === null,
    );
    for (let i = 0; i < held.length; i++) {
      const isLast = i === held.length - 1;
      encoder.encodeData(held[i]!, isLast && this.hasEnded && heldTrailers === null);
    }
    if (heldTrailers !== null) encoder.encodeTrailers(heldTrailers);
    this.held = [];
  }

  onPoolFailure(reason: PoolFailureReason, detail: string, host: Host | null): void {
    if (this.isOver) return;
    this.pending = null;
    this.host = host;
    this.finish();
    this.owner.onUpstreamReset(this, resetReasonOf(reason), detail);
  }

  // ---- ResponseDecoder.

  decode1xxHeaders(headers: HeaderMap): void {
    if (!this.isOver) this.owner.onUpstream1xx(headers);
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.isOver) return;
    this.isAwaitingHeaders = false;
    if (endStream) this.finish();
    this.owner.onUpstreamHeaders(this, headers, endStream);
  }

  decodeData(chunk: Uint8Array, endStream: boolean): void {
    if (this.isOver) return;
    if (endStream) this.finish();
    this.owner.onUpstreamData(this, chunk, endStream);
  }

  decodeTrailers(trailers: HeaderMap): void {
    if (this.isOver) return;
    this.finish();
    this.owner.onUpstreamTrailers(this, trailers);
  }

  onReset(reason: ResetReason, details: string): void {
    if (this.isOver) return;
    this.finish();
    this.owner.onUpstreamReset(this, reason, details);
  }

  onAboveWriteBufferHighWatermark(): void {
    if (this.isSlow || this.isOver) return;
    this.isSlow = true;
    this.owner.onUpstreamSlow(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    if (!this.isSlow) return;
    this.isSlow = false;
    this.owner.onUpstreamSlow(false);
  }
}

function resetReasonOf(reason: PoolFailureReason): ResetReason {
  switch (reason) {
    case PoolFailureReason.Overflow:
      return ResetReason.Overflow;
    case PoolFailureReason.LocalConnectionFailure:
      return ResetReason.LocalConnectionFailure;
    case PoolFailureReason.Timeout:
      return ResetReason.ConnectionTimeout;
    default:
      return ResetReason.RemoteConnectionFailure;
  }
}
