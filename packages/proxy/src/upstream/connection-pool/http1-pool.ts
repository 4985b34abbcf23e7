/**
 * HTTP/1 connections to one host at one priority: one request a connection, idle ones reused.
 *
 *     newStream ─▶ idle connection? ─▶ ready at once
 *              └─▶ pending queue ─▶ connect ─▶ ready, or failure
 */

import type { Timer } from "@legate/filter-sdk";
import type { EventLoop } from "../../event-loop/event-loop.ts";
import {
  type ClientCodecCallbacks,
  type RequestEncoder,
  ResetReason,
  type ResponseDecoder,
} from "../../http/codec.ts";
import { Http1ClientCodec } from "../../http/codecs/http1/client-codec.ts";
import type { Http1ClientOptions } from "../../http/codecs/http1/options.ts";
import type { Http1CodecStats } from "../../http/codecs/http1/stats.ts";
import { Connection, type ConnectionCallbacks } from "../../network/connection.ts";
import type { ClusterStats } from "../cluster-stats.ts";
import {
  type PendingStream,
  type PoolCallbacks,
  PoolFailureReason,
  type UpstreamConnectionInfo,
} from "../contracts.ts";
import type { UpstreamHost } from "../host.ts";
import type { PriorityLimits } from "../resource-limits.ts";
import type { ConnectionPool } from "./connection-pool.ts";

export interface Http1PoolOptions {
  readonly loop: EventLoop;
  readonly stats: ClusterStats;
  readonly codec: Http1ClientOptions;
  readonly codecStats: Http1CodecStats;
  readonly connectTimeoutMs: number;
  /** 0: off. */
  readonly idleTimeoutMs: number;
  /** 0: off. */
  readonly maxConnectionDurationMs: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  readonly bufferLimitBytes: number;
  readonly keepAlive: { readonly initialDelayMs: number } | null;
}

/** A request that waits for a connection. */
class Pending implements PendingStream {
  isCancelled = false;
  readonly decoder: ResponseDecoder;
  readonly callbacks: PoolCallbacks;
  readonly host: UpstreamHost;
  private readonly pool: Http1Pool;

  constructor(pool: Http1Pool, decoder: ResponseDecoder, callbacks: PoolCallbacks) {
    this.pool = pool;
    this.host = pool.host;
    this.decoder = decoder;
    this.callbacks = callbacks;
  }

  cancel(): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.pool.onPendingCancelled(this);
  }
}

export class Http1Pool implements ConnectionPool {
  readonly host: UpstreamHost;
  readonly limits: PriorityLimits;
  readonly options: Http1PoolOptions;
  private readonly idle: PooledConnection[] = [];
  private readonly connecting = new Set<PooledConnection>();
  private readonly all = new Set<PooledConnection>();
  private readonly pending: Pending[] = [];

  constructor(host: UpstreamHost, limits: PriorityLimits, options: Http1PoolOptions) {
    this.host = host;
    this.limits = limits;
    this.options = options;
  }

  newStream(decoder: ResponseDecoder, callbacks: PoolCallbacks): PendingStream | null {
    const { host, limits, options } = this;
    const { stats } = options;
    const connection = this.idle.pop();
    if (connection !== undefined) {
      if (!limits.requests.canTake()) {
        this.idle.push(connection);
        stats.rqActiveOverflow.inc();
        callbacks.onPoolFailure(PoolFailureReason.Overflow, "", host);
        return null;
      }
      connection.attach(decoder, callbacks);
      return null;
    }
    if (!limits.pendingRequests.canTake()) {
      stats.rqPendingOverflow.inc();
      callbacks.onPoolFailure(PoolFailureReason.Overflow, "", null);
      return null;
    }
    const waiting = new Pending(this, decoder, callbacks);
    this.pending.push(waiting);
    limits.pendingRequests.take();
    stats.rqPendingTotal.inc();
    stats.rqPendingActive.inc();
    host.rqPendingActive++;
    this.connectIfNeeded();
    return waiting;
  }

  private connectIfNeeded(): void {
    if (this.connecting.size >= this.pending.length) return;
    const { limits, options } = this;
    if (!limits.connections.canTake()) {
      options.stats.cxOverflow.inc();
      // One connection is always allowed where there is none, else nothing would ever be served.
      if (this.all.size > 0) return;
    }
    const connection = new PooledConnection(this);
    this.all.add(connection);
    this.connecting.add(connection);
  }

  private leavePending(waiting: Pending): void {
    this.limits.pendingRequests.release();
    this.options.stats.rqPendingActive.dec();
    this.host.rqPendingActive--;
    const index = this.pending.indexOf(waiting);
    if (index >= 0) this.pending.splice(index, 1);
  }

  onPendingCancelled(waiting: Pending): void {
    this.leavePending(waiting);
    // The connection that was being made for it stays, as in Envoy: the next request will use it.
    this.options.stats.rqCancelled.inc();
  }

  /** A connection is ready for its next request. */
  onFree(connection: PooledConnection): void {
    this.connecting.delete(connection);
    const waiting = this.pending[0];
    if (waiting === undefined) {
      this.idle.push(connection);
      connection.startIdle();
      return;
    }
    this.leavePending(waiting);
    if (!this.limits.requests.canTake()) {
      this.options.stats.rqActiveOverflow.inc();
      waiting.callbacks.onPoolFailure(PoolFailureReason.Overflow, "", this.host);
      this.onFree(connection);
      return;
    }
    connection.attach(waiting.decoder, waiting.callbacks);
  }

  /** The connection is about to close: no request may get it any more. */
  withdraw(connection: PooledConnection): void {
    const index = this.idle.indexOf(connection);
    if (index >= 0) this.idle.splice(index, 1);
  }

  onGone(connection: PooledConnection): void {
    this.all.delete(connection);
    this.connecting.delete(connection);
    this.withdraw(connection);
    if (this.pending.length > 0) this.connectIfNeeded();
  }

  /** A connect failed: everything that waits fails with it, as in Envoy. */
  onConnectFailure(reason: PoolFailureReason, detail: string): void {
    for (const waiting of this.pending.slice()) {
      this.leavePending(waiting);
      this.options.stats.rqPendingFailureEject.inc();
      waiting.callbacks.onPoolFailure(reason, detail, this.host);
    }
  }

  drain(): void {
    for (const connection of this.idle.slice()) connection.close();
    for (const connection of this.all) connection.isDraining = true;
  }

  close(): void {
    for (const connection of [...this.all]) connection.close();
  }
}

class PooledConnection
  implements ConnectionCallbacks, ClientCodecCallbacks, UpstreamConnectionInfo
{
  readonly protocol = "HTTP/1.1";
  isDraining = false;
  private readonly pool: Http1Pool;
  private readonly connection: Connection;
  private readonly codec: Http1ClientCodec;
  private readonly startedMs: number;
  private connectTimer: Timer | null;
  private idleTimer: Timer | null = null;
  private durationTimer: Timer | null = null;
  private decoder: ResponseDecoder | null = null;
  private isConnected = false;
  private isClosed = false;
  private hasTimedOut = false;
  private requests = 0;
  private countedWritten = 0;

  constructor(pool: Http1Pool) {
    this.pool = pool;
    const { host, limits, options } = pool;
    const { loop, stats } = options;
    this.startedMs = loop.clock.monotonicMs();
    this.connection = Connection.connect(
      loop,
      host.address,
      { keepAlive: options.keepAlive },
      this,
    );
    this.connection.setBufferLimit(options.bufferLimitBytes);
    this.codec = new Http1ClientCodec(this.connection, this, options.codec, options.codecStats);
    this.connectTimer = loop.timers.start(options.connectTimeoutMs, onConnectTimeout, this);
    limits.connections.take();
    stats.cxTotal.inc();
    stats.cxActive.inc();
    stats.cxHttp1Total.inc();
    host.cxTotal++;
    host.cxActive++;
  }

  get id(): number {
    return this.connection.id;
  }

  get localAddress() {
    return this.connection.localAddress;
  }

  /** Gives this connection to a request. */
  attach(decoder: ResponseDecoder, callbacks: PoolCallbacks): void {
    const { host, limits, options } = this.pool;
    this.idleTimer?.stop();
    this.decoder = decoder;
    this.requests++;
    limits.requests.take();
    options.stats.rqTotal.inc();
    options.stats.rqActive.inc();
    host.rqTotal++;
    host.activeRequests++;
    const encoder: RequestEncoder = this.codec.newStream(decoder);
    callbacks.onPoolReady(encoder, host, this);
  }

  private detach(): void {
    if (this.decoder === null) return;
    const { host, limits, options } = this.pool;
    this.decoder = null;
    limits.requests.release();
    options.stats.rqActive.dec();
    host.activeRequests--;
  }

  startIdle(): void {
    const { idleTimeoutMs, loop } = this.pool.options;
    if (idleTimeoutMs === 0) return;
    if (this.idleTimer === null)
      this.idleTimer = loop.timers.start(idleTimeoutMs, onIdleTimeout, this);
    else this.idleTimer.restart();
  }

  close(): void {
    this.pool.withdraw(this);
    this.connection.close(false);
  }

  // ---- ClientCodecCallbacks.

  onStreamDone(keepAlive: boolean): void {
    this.detach();
    const { maxRequestsPerConnection, stats } = this.pool.options;
    if (maxRequestsPerConnection > 0 && this.requests >= maxRequestsPerConnection) {
      stats.cxMaxRequests.inc();
      this.isDraining = true;
    }
    if (keepAlive && !this.isDraining && !this.isClosed) {
      this.pool.onFree(this);
      return;
    }
    // What the request had written goes out, as in Envoy.
    if (!this.isClosed) this.connection.flush();
    this.connection.close(false);
  }

  onProtocolError(): void {
    this.pool.options.stats.cxProtocolError.inc();
    this.connection.close(false);
  }

  // ---- ConnectionCallbacks.

  onConnected(): void {
    const { loop, maxConnectionDurationMs, stats } = this.pool.options;
    this.isConnected = true;
    this.connectTimer?.stop();
    this.connectTimer = null;
    stats.cxConnectMs.record(loop.clock.monotonicMs() - this.startedMs);
    if (maxConnectionDurationMs > 0)
      this.durationTimer = loop.timers.start(maxConnectionDurationMs, onMaxDuration, this);
    this.pool.onFree(this);
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    this.pool.options.stats.cxRxBytesTotal.add(end - start);
    this.codec.onBytes(buffer, start, end);
    this.countWritten();
  }

  onHalfClose(): void {
    this.pool.withdraw(this);
    this.codec.onHalfClose();
    if (!this.isClosed) this.connection.close(this.decoder !== null);
  }

  onClose(error: string, byPeer: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { pool } = this;
    const { host, limits, options } = pool;
    const { stats } = options;
    this.connectTimer?.stop();
    this.idleTimer?.stop();
    this.durationTimer?.stop();
    this.countWritten();
    limits.connections.release();
    stats.cxActive.dec();
    host.cxActive--;
    stats.cxDestroy.inc();
    (byPeer ? stats.cxDestroyRemote : stats.cxDestroyLocal).inc();
    stats.cxLengthMs.record(options.loop.clock.monotonicMs() - this.startedMs);
    if (this.isConnected) stats.rqPerCx.record(this.requests);
    if (this.decoder !== null) {
      stats.cxDestroyWithActiveRq.inc();
      (byPeer ? stats.cxDestroyRemoteWithActiveRq : stats.cxDestroyLocalWithActiveRq).inc();
      this.detach();
      this.codec.onClose(ResetReason.ConnectionTermination, "");
    }
    if (this.isConnected) pool.onGone(this);
    else this.failConnect(error);
  }

  private failConnect(error: string): void {
    const { pool } = this;
    const { stats } = pool.options;
    stats.cxConnectFail.inc();
    pool.host.cxConnectFail++;
    if (this.hasTimedOut) stats.cxConnectTimeout.inc();
    // First the waiting requests fail: a connect for them would be in vain.
    if (this.hasTimedOut) pool.onConnectFailure(PoolFailureReason.Timeout, "");
    else pool.onConnectFailure(PoolFailureReason.RemoteConnectionFailure, connectErrorText(error));
    pool.onGone(this);
  }

  onAboveHighWatermark(): void {
    this.pool.options.stats.flowControlBackedUp.inc();
    this.decoder?.onAboveWriteBufferHighWatermark();
  }

  onBelowLowWatermark(): void {
    this.pool.options.stats.flowControlDrained.inc();
    this.decoder?.onBelowWriteBufferLowWatermark();
  }

  private countWritten(): void {
    const written = this.connection.bytesWritten;
    this.pool.options.stats.cxTxBytesTotal.add(written - this.countedWritten);
    this.countedWritten = written;
  }

  // ---- Timers.

  onConnectTimeout(): void {
    this.hasTimedOut = true;
    this.connection.close(false);
  }

  onIdleTimeout(): void {
    this.pool.options.stats.cxIdleTimeout.inc();
    this.close();
  }

  onMaxDuration(): void {
    this.pool.options.stats.cxMaxDurationReached.inc();
    this.isDraining = true;
    if (this.decoder === null) this.close();
  }
}

/** The transport's part of response code details, as Envoy words it. */
function connectErrorText(code: string): string {
  switch (code) {
    case "ECONNREFUSED":
      return "delayed_connect_error:_Connection_refused";
    case "ECONNRESET":
      return "delayed_connect_error:_Connection_reset_by_peer";
    case "EHOSTUNREACH":
      return "delayed_connect_error:_No_route_to_host";
    case "ENETUNREACH":
      return "immediate_connect_error:_Network_is_unreachable";
    case "ETIMEDOUT":
      return "delayed_connect_error:_Connection_timed_out";
    default:
      return code === "" ? "" : `delayed_connect_error:_${code}`;
  }
}

function onConnectTimeout(connection: PooledConnection): void {
  connection.onConnectTimeout();
}
function onIdleTimeout(connection: PooledConnection): void {
  connection.onIdleTimeout();
}
function onMaxDuration(connection: PooledConnection): void {
  connection.onMaxDuration();
}
