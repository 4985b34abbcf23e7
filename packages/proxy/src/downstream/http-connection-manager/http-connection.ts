/** One downstream HTTP connection: joins the socket, the codec and its current stream. */
import type { Address, Timer } from "@legate/filter-sdk";
import type {
  RequestDecoder,
  ResponseEncoder,
  ServerCodec,
  ServerCodecCallbacks,
} from "../../http/codec.ts";
import type { Connection, ConnectionCallbacks } from "../../network/connection.ts";
import type { HcmOptions } from "./options.ts";
import { ActiveStream } from "./stream.ts";

/** Makes the codec of a connection once its protocol is known. */
export type CodecFactory = (connection: Connection, callbacks: ServerCodecCallbacks) => ServerCodec;

/** Told when the connection is gone, so that the listener forgets it. */
export interface HttpConnectionOwner {
  onHttpConnectionClosed(connection: HttpConnection): void;
}

export class HttpConnection implements ConnectionCallbacks, ServerCodecCallbacks {
  readonly id: number;
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  isClosedByPeer = false;
  private readonly connection: Connection;
  private readonly options: HcmOptions;
  private readonly owner: HttpConnectionOwner;
  private readonly codec: ServerCodec;
  private readonly startedMs: number;
  private stream: ActiveStream | null = null;
  private requestCount = 0;
  private isDraining = false;
  private hasUpgraded = false;
  private countedRead = 0;
  private countedWritten = 0;
  private readonly idleTimer: Timer | null;
  private readonly streamIdleTimer: Timer | null;
  private readonly durationTimer: Timer | null;

  constructor(
    connection: Connection,
    options: HcmOptions,
    createCodec: CodecFactory,
    owner: HttpConnectionOwner,
  ) {
    this.connection = connection;
    this.options = options;
    this.owner = owner;
    this.id = connection.id;
    this.localAddress = connection.localAddress;
    this.remoteAddress = connection.remoteAddress;
    this.startedMs = options.loop.clock.monotonicMs();
    this.codec = createCodec(connection, this);
    const { stats, timeouts } = options;
    const { timers } = options.loop;
    stats.cxTotal.inc();
    stats.cxActive.inc();
    stats.cxHttp1Total.inc();
    stats.cxHttp1Active.inc();
    this.idleTimer = timeouts.idle > 0 ? timers.start(timeouts.idle, onIdle, this) : null;
    this.streamIdleTimer =
      timeouts.streamIdle > 0 ? timers.start(timeouts.streamIdle, onStreamIdle, this) : null;
    this.streamIdleTimer?.stop();
    this.durationTimer =
      timeouts.maxConnectionDuration > 0
        ? timers.start(timeouts.maxConnectionDuration, onMaxConnectionDuration, this)
        : null;
    connection.callbacks = this;
    connection.setBufferLimit(options.bufferLimitBytes);
  }

  get protocol(): string {
    return this.codec.protocol;
  }

  get isAboveHighWatermark(): boolean {
    return this.connection.isAboveHighWatermark;
  }

  get hasActiveStream(): boolean {
    return this.stream !== null;
  }

  // ---- ConnectionCallbacks.

  onConnected(): void {}

  onBytes(buffer: Buffer, start: number, end: number): void {
    this.options.stats.cxRxBytesTotal.add(end - start);
    this.countedRead += end - start;
    this.codec.onBytes(buffer, start, end);
    this.countWritten();
  }

  onHalfClose(): void {
    this.isClosedByPeer = true;
    this.codec.onHalfClose();
    // HTTP/1 clients that half-close have left, as Envoy sees it; tunnels end, too.
    this.connection.close(this.stream === null);
  }

  onClose(_error: string, byPeer: boolean): void {
    const { options } = this;
    const { stats } = options;
    if (byPeer) this.isClosedByPeer = true;
    this.idleTimer?.stop();
    this.streamIdleTimer?.stop();
    this.durationTimer?.stop();
    this.countWritten();
    stats.cxDestroy.inc();
    (this.isClosedByPeer ? stats.cxDestroyRemote : stats.cxDestroyLocal).inc();
    if (this.stream !== null) {
      stats.cxDestroyActiveRq.inc();
      (this.isClosedByPeer ? stats.cxDestroyRemoteActiveRq : stats.cxDestroyLocalActiveRq).inc();
    }
    stats.cxActive.dec();
    if (this.hasUpgraded) stats.cxUpgradesActive.dec();
    else stats.cxHttp1Active.dec();
    stats.cxLengthMs.record(options.loop.clock.monotonicMs() - this.startedMs);
    this.codec.onClose();
    this.owner.onHttpConnectionClosed(this);
  }

  onAboveHighWatermark(): void {
    this.stream?.onAboveWriteBufferHighWatermark();
  }

  onBelowLowWatermark(): void {
    this.stream?.onBelowWriteBufferLowWatermark();
  }

  // ---- ServerCodecCallbacks.

  newStream(encoder: ResponseEncoder): RequestDecoder {
    const { options } = this;
    options.stats.rqTotal.inc();
    options.stats.rqActive.inc();
    options.stats.rqHttp1Total.inc();
    this.idleTimer?.stop();
    this.streamIdleTimer?.restart();
    this.requestCount++;
    const stream = new ActiveStream(this, options, encoder);
    this.stream = stream;
    return stream;
  }

  onStreamDone(keepAlive: boolean): void {
    if (keepAlive && !this.isDraining) return;
    this.connection.close(true, this.options.timeouts.delayedClose);
  }

  // ---- For streams.

  /** The connection ends with this response. */
  mustClose(): boolean {
    const { maxRequestsPerConnection, stats } = this.options;
    if (this.isDraining) return true;
    if (maxRequestsPerConnection === 0 || this.requestCount < maxRequestsPerConnection)
      return false;
    stats.cxMaxRequestsReached.inc();
    return true;
  }

  onUpgraded(): void {
    const { stats } = this.options;
    this.hasUpgraded = true;
    stats.cxUpgradesTotal.inc();
    stats.cxUpgradesActive.inc();
    stats.cxHttp1Active.dec();
  }

  restartStreamIdleTimer(): void {
    this.streamIdleTimer?.restart();
  }

  stopStreamIdleTimer(): void {
    this.streamIdleTimer?.stop();
  }

  onStreamFinished(stream: ActiveStream): void {
    if (this.stream !== stream) return;
    this.stream = null;
    this.streamIdleTimer?.stop();
    if (!this.connection.isClosed) this.idleTimer?.restart();
  }

  private countWritten(): void {
    const written = this.connection.bytesWritten;
    if (written === this.countedWritten) return;
    this.options.stats.cxTxBytesTotal.add(written - this.countedWritten);
    this.countedWritten = written;
  }

  // ---- Timeouts and draining.

  onIdleTimeout(): void {
    this.options.stats.cxIdleTimeout.inc();
    this.connection.close(true, this.options.timeouts.delayedClose);
  }

  onStreamIdleTimeout(): void {
    this.stream?.onIdleTimeout();
  }

  onMaxConnectionDuration(): void {
    this.options.stats.cxMaxDurationReached.inc();
    this.drain();
  }

  /** Closes when idle; else the response under way is the last one. */
  drain(): void {
    this.isDraining = true;
    if (this.stream === null) this.connection.close(true, this.options.timeouts.delayedClose);
  }

  /** Ends it now. */
  close(): void {
    this.connection.close(false);
  }
}

function onIdle(connection: HttpConnection): void {
  connection.onIdleTimeout();
}
function onStreamIdle(connection: HttpConnection): void {
  connection.onStreamIdleTimeout();
}
function onMaxConnectionDuration(connection: HttpConnection): void {
  connection.onMaxConnectionDuration();
}
