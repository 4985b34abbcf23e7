/** Calls that filters make through clusters: one request, the whole response. */
import type {
  Clusters,
  HttpCall,
  HttpCallCallbacks,
  HttpCallRequest,
  Timer,
} from "@legate/filter-sdk";
import type { EventLoop } from "../../event-loop/event-loop.ts";
import {
  RESET_REASON_TEXT,
  type RequestEncoder,
  ResetReason,
  type ResponseDecoder,
} from "../../http/codec.ts";
import { HeaderMap } from "../../http/header-map.ts";
import type { ClusterManager } from "../cluster-manager.ts";
import {
  type Cluster,
  NO_HOST,
  type PendingStream,
  type PoolCallbacks,
  type PoolFailureReason,
} from "../contracts.ts";

/** A response larger than this is a failure. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const REQUIRED = [":method", ":path", ":authority"];

export class AsyncClient implements Clusters {
  private readonly clusters: ClusterManager;
  private readonly loop: EventLoop;

  constructor(clusters: ClusterManager, loop: EventLoop) {
    this.clusters = clusters;
    this.loop = loop;
  }

  has(name: string): boolean {
    return this.clusters.get(name) !== null;
  }

  httpCall(request: HttpCallRequest, callbacks: HttpCallCallbacks): HttpCall | null {
    const cluster = this.clusters.get(request.cluster);
    const headers = new HeaderMap();
    headers.replaceAll(request.headers);
    if (cluster === null || REQUIRED.some((name) => !headers.has(name))) return null;
    const call = new Call(headers, request, callbacks, this.loop);
    call.start(cluster);
    return call;
  }
}

class Call implements HttpCall, PoolCallbacks, ResponseDecoder {
  private readonly callbacks: HttpCallCallbacks;
  private readonly headers: HeaderMap;
  private readonly request: HttpCallRequest;
  private readonly loop: EventLoop;
  private encoder: RequestEncoder | null = null;
  private pending: PendingStream | null = null;
  private timer: Timer | null = null;
  private response: HeaderMap | null = null;
  private readonly chunks: Uint8Array[] = [];
  private bytes = 0;
  private isOver = false;
  private isStarting = true;
  isRefused = false;

  constructor(
    headers: HeaderMap,
    request: HttpCallRequest,
    callbacks: HttpCallCallbacks,
    loop: EventLoop,
  ) {
    this.headers = headers;
    this.request = request;
    this.callbacks = callbacks;
    this.loop = loop;
    if (!headers.has(":scheme")) headers.append(":scheme", "http");
    if (request.body !== null && request.body.length > 0)
      headers.set("content-length", String(request.body.length));
    headers.set("x-envoy-internal", "true");
    if (request.timeoutMs > 0) {
      headers.set("x-envoy-expected-rq-timeout-ms", String(request.timeoutMs));
      this.timer = loop.timers.start(request.timeoutMs, onTimeout, this);
    }
  }

  start(cluster: Cluster): void {
    const result = cluster.newStream(0, null, this, this);
    if (result === NO_HOST) this.answer(503, "no healthy upstream");
    else if (this.encoder === null && !this.isOver) this.pending = result;
    this.isStarting = false;
  }

  cancel(): void {
    if (this.isOver) return;
    this.end();
    if (this.pending !== null) this.pending.cancel();
    else this.encoder?.resetStream(ResetReason.LocalReset);
  }

  private end(): void {
    this.isOver = true;
    this.timer?.stop();
  }

  /** A local failure looks like a whole response, as from Envoy's async client. */
  answer(code: number, text: string): void {
    if (this.isOver) return;
    if (this.isStarting) {
      // Never before the caller has what httpCall returns.
      this.isRefused = true;
      this.loop.timers.start(1, answerLater, { call: this, code, text });
      return;
    }
    this.end();
    const headers = new HeaderMap();
    headers.replaceAll([
      ":status",
      String(code),
      "content-length",
      String(text.length),
      "content-type",
      "text/plain",
    ]);
    this.callbacks.onHttpCallSuccess(headers, Buffer.from(text), null);
  }

  onTimeout(): void {
    const { encoder, pending } = this;
    this.answer(504, "upstream request timeout");
    if (pending !== null) pending.cancel();
    else encoder?.resetStream(ResetReason.LocalReset);
  }

  onPoolReady(encoder: RequestEncoder): void {
    this.pending = null;
    this.encoder = encoder;
    const { body, trailers } = this.request;
    const hasBody = body !== null && body.length > 0;
    const hasTrailers = trailers != null && trailers.length > 0;
    encoder.encodeHeaders(this.headers, !hasBody && !hasTrailers);
    if (hasBody) encoder.encodeData(body, !hasTrailers);
    if (!hasTrailers) return;
    const map = new HeaderMap();
    map.replaceAll(trailers);
    encoder.encodeTrailers(map);
  }

  onPoolFailure(reason: PoolFailureReason): void {
    this.pending = null;
    const texts = [
      "overflow",
      "local connection failure",
      "remote connection failure",
      "connection timeout",
    ];
    this.answer(
      503,
      `upstream connect error or disconnect/reset before headers. reset reason: ${texts[reason]}`,
    );
  }

  decode1xxHeaders(): void {}

  decodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.isOver) return;
    this.response = headers;
    if (endStream) this.complete(null);
  }

  decodeData(chunk: Uint8Array, endStream: boolean): void {
    if (this.isOver) return;
    this.bytes += chunk.length;
    if (this.bytes > MAX_RESPONSE_BYTES) {
      this.end();
      this.encoder?.resetStream(ResetReason.LocalReset);
      this.callbacks.onHttpCallFailure("exceeded response buffer limit");
      return;
    }
    this.chunks.push(Uint8Array.from(chunk));
    if (endStream) this.complete(null);
  }

  decodeTrailers(trailers: HeaderMap): void {
    if (!this.isOver) this.complete(trailers);
  }

  private complete(trailers: HeaderMap | null): void {
    this.end();
    this.loop.begin();
    this.callbacks.onHttpCallSuccess(this.response!, Buffer.concat(this.chunks), trailers);
    this.loop.end();
  }

  onReset(reason: ResetReason): void {
    if (this.isOver) return;
    if (this.response !== null) {
      this.end();
      this.callbacks.onHttpCallFailure("reset");
    } else {
      const text = `upstream connect error or disconnect/reset before headers. reset reason: ${RESET_REASON_TEXT[reason]}`;
      this.answer(reason === ResetReason.ProtocolError ? 502 : 503, text);
    }
  }

  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}
}

function answerLater(later: { call: Call; code: number; text: string }): void {
  later.call.answer(later.code, later.text);
}
function onTimeout(call: Call): void {
  call.onTimeout();
}
