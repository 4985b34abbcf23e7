/**
 * One TCP connection, either side: bytes in to its callbacks, writes out in one system call per event.
 *
 * Reading: all connections of a thread share one read buffer, so that an idle one holds no memory.
 * A connection that receives much (a read of at least BORROWED_CHUNK_LIMIT bytes) gets buffers of its
 * own until it is quiet again; the codec then passes slices on without copying (keepReadBuffer).
 */
import * as net from "node:net";
import type { EventLoop, Flushable } from "../event-loop/event-loop.ts";
import { BORROWED_CHUNK_LIMIT, type ByteSink } from "../http/codec.ts";
import { Address, NO_ADDRESS } from "./address.ts";

/** Told what happens to a connection; none follows onClose. */
export interface ConnectionCallbacks {
  /** Outgoing connections only. */
  onConnected(): void;
  /** Bytes [start, end) of `buffer`, valid only during the call unless kept. */
  onBytes(buffer: Buffer, start: number, end: number): void;
  /** The peer sent FIN; writing is still possible. */
  onHalfClose(): void;
  /** `error`: code such as ECONNREFUSED or ECONNRESET, "" for none. `byPeer` false: closed from here. */
  onClose(error: string, byPeer: boolean): void;
  /** More than the buffer limit waits to be written; less than half of it does again. */
  onAboveHighWatermark(): void;
  onBelowLowWatermark(): void;
}

export interface ConnectOptions {
  readonly localAddress?: string | undefined;
  /** TCP keepalive; null or absent: off. */
  readonly keepAlive?: { readonly initialDelayMs: number } | null;
}

const READ_BUFFER_BYTES = 65_536;
/** Texts above this are written as they are, chunks below it are joined with the text before them. */
const JOIN_LIMIT_BYTES = 4096;
const DEFAULT_BUFFER_LIMIT_BYTES = 1_048_576;

const sharedReadBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
let nextConnectionId = 0;

/** Ids are unique in the process: each thread counts in steps of the number of threads. */
export function setConnectionIdBase(base: number): void {
  nextConnectionId = base;
}

/** The runtime's handle of an accepted socket, so that it can be read with a buffer of ours. */
interface HandleHolder {
  _handle: object | null;
}

export class Connection implements ByteSink, Flushable {
  readonly id: number;
  remoteAddress: Address;
  localAddress: Address;
  /** Set by the owner right after construction. */
  callbacks: ConnectionCallbacks;
  isAboveHighWatermark = false;
  isClosed = false;
  bytesRead = 0;
  bytesWritten = 0;
  private readonly loop: EventLoop;
  private readonly socket: net.Socket;
  private bufferLimit = DEFAULT_BUFFER_LIMIT_BYTES;
  private pendingText = "";
  private pendingChunks: (string | Uint8Array)[] | null = null;
  private pendingBytes = 0;
  private isFlushQueued = false;
  private readDisableCount = 0;
  private ownBuffer: Buffer | null = null;
  private isBufferKept = false;
  private isEnding = false;
  private hasPeerEnded = false;
  private closeError = "";

  private constructor(
    loop: EventLoop,
    open: (onread: net.OnReadOpts) => net.Socket,
    callbacks: ConnectionCallbacks,
  ) {
    this.id = ++nextConnectionId;
    this.loop = loop;
    this.callbacks = callbacks;
    this.remoteAddress = NO_ADDRESS;
    this.localAddress = NO_ADDRESS;
    const socket = open({
      buffer: () => this.nextReadBuffer(),
      callback: (bytes, buffer) => this.onRead(bytes, buffer as Buffer),
    });
    this.socket = socket;
    socket.on("end", () => this.onEnd());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.closeError = error.code ?? error.message;
    });
    socket.on("close", () => this.onSocketClose());
    socket.on("drain", () => this.onDrain());
  }

  /** Takes over a socket that a server accepted with pauseOnConnect. */
  static accept(loop: EventLoop, accepted: net.Socket, callbacks: ConnectionCallbacks): Connection {
    const remote = new Address(accepted.remoteAddress ?? "0.0.0.0", accepted.remotePort ?? 0);
    const local = new Address(accepted.localAddress ?? "0.0.0.0", accepted.localPort ?? 0);
    const connection = new Connection(
      loop,
      (onread) => {
        // Perf: reading into a buffer of ours spares the stream machinery; servers offer no option
        // for it, so the handle moves to a socket of our own. benchmarks/micro/socket-read.ts.
        const holder = accepted as unknown as HandleHolder;
        const handle = holder._handle;
        holder._handle = null;
        return new net.Socket({ handle, onread, allowHalfOpen: true } as net.SocketConstructorOpts);
      },
      callbacks,
    );
    connection.remoteAddress = remote;
    connection.localAddress = local;
    connection.socket.setNoDelay(true);
    return connection;
  }

  static connect(
    loop: EventLoop,
    address: { readonly ip: string; readonly port: number },
    options: ConnectOptions,
    callbacks: ConnectionCallbacks,
  ): Connection {
    const connection = new Connection(
      loop,
      (onread) => {
        const connectOptions: net.TcpNetConnectOpts = {
          host: address.ip,
          port: address.port,
          onread,
          allowHalfOpen: true,
          noDelay: true,
          autoSelectFamily: false,
        };
        if (options.localAddress !== undefined) connectOptions.localAddress = options.localAddress;
        if (options.keepAlive) {
          connectOptions.keepAlive = true;
          connectOptions.keepAliveInitialDelay = options.keepAlive.initialDelayMs;
        }
        return net.connect(connectOptions);
      },
      callbacks,
    );
    connection.remoteAddress = new Address(address.ip, address.port);
    connection.socket.on("connect", () => connection.onConnect());
    return connection;
  }

  /** Starts reading an accepted connection. */
  start(): void {
    this.socket.resume();
  }

  /** Bytes; above it the callbacks hear onAboveHighWatermark; 0 for no limit. */
  setBufferLimit(bytes: number): void {
    this.bufferLimit = bytes;
  }

  write(text: string): void {
    this.pendingText += text;
    this.pendingBytes += text.length;
    if (!this.isFlushQueued) this.queueFlush();
  }

  writeBytes(chunk: Uint8Array): void {
    const size = chunk.length;
    if (size === 0) return;
    this.pendingBytes += size;
    if (size < JOIN_LIMIT_BYTES) {
      this.pendingText += Buffer.prototype.latin1Slice.call(chunk, 0, size);
    } else {
      this.pendingChunks ??= [];
      if (this.pendingText !== "") {
        this.pendingChunks.push(this.pendingText);
        this.pendingText = "";
      }
      this.pendingChunks.push(chunk);
    }
    if (!this.isFlushQueued) this.queueFlush();
  }

  private queueFlush(): void {
    this.isFlushQueued = true;
    this.loop.flushLater(this);
  }

  /** Hands everything pending to the kernel. Called by the event loop. */
  flush(): void {
    this.isFlushQueued = false;
    if (this.isClosed) return;
    const text = this.pendingText;
    const chunks = this.pendingChunks;
    this.bytesWritten += this.pendingBytes;
    this.pendingBytes = 0;
    this.pendingText = "";
    const { socket } = this;
    if (chunks === null) {
      if (text !== "") socket.write(text, "latin1");
    } else {
      this.pendingChunks = null;
      if (text !== "") chunks.push(text);
      if (chunks.length > 1) socket.cork();
      for (let i = 0; i < chunks.length; i++) {
        const chunk = chunks[i]!;
        if (typeof chunk === "string") socket.write(chunk, "latin1");
        else socket.write(chunk);
      }
      if (chunks.length > 1) socket.uncork();
    }
    if (this.isEnding) socket.end();
    if (
      this.bufferLimit > 0 &&
      socket.writableLength > this.bufferLimit &&
      !this.isAboveHighWatermark
    ) {
      this.isAboveHighWatermark = true;
      this.callbacks.onAboveHighWatermark();
    }
  }

  /** Bytes accepted but not yet in the kernel's hands. */
  get bufferedBytes(): number {
    return this.pendingBytes + this.socket.writableLength;
  }

  keepReadBuffer(): void {
    this.isBufferKept = true;
  }

  /** Pauses (true) or resumes reading; pausers are counted. */
  readDisable(disable: boolean): void {
    this.readDisableCount += disable ? 1 : -1;
    if (disable && this.readDisableCount === 1) this.socket.pause();
    else if (!disable && this.readDisableCount === 0 && !this.isClosed) this.socket.resume();
  }

  /** Sends FIN after what is pending; reading goes on. */
  halfClose(): void {
    if (this.isEnding || this.isClosed) return;
    this.isEnding = true;
    if (!this.isFlushQueued) this.queueFlush();
  }

  /**
   * Closes the connection: at once, or after everything pending was written (`flush`). With
   * `delayMs` the peer gets that long to send its FIN after ours, so that it can read the answer.
   */
  close(flush: boolean, delayMs = 0): void {
    if (this.isClosed) return;
    if (!flush) {
      this.socket.destroy();
      return;
    }
    this.halfClose();
    if (this.hasPeerEnded || delayMs === 0) {
      if (this.socket.writableFinished) this.socket.destroy();
      else this.socket.once("finish", destroySocket);
      return;
    }
    this.readDisableCount = 0;
    this.socket.resume();
    this.loop.timers.start(delayMs, destroyConnection, this);
  }

  private nextReadBuffer(): Buffer {
    if (this.ownBuffer === null) return sharedReadBuffer;
    if (this.isBufferKept) {
      this.isBufferKept = false;
      this.ownBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    }
    return this.ownBuffer;
  }

  private onRead(bytes: number, buffer: Buffer): boolean {
    if (this.isClosed) return false;
    this.bytesRead += bytes;
    this.loop.begin();
    if (bytes < BORROWED_CHUNK_LIMIT) {
      this.callbacks.onBytes(buffer, 0, bytes);
      // Quiet again: back to the shared buffer.
      if (this.ownBuffer !== null && !this.isBufferKept) this.ownBuffer = null;
    } else if (buffer === sharedReadBuffer) {
      this.ownBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
      const copy = Buffer.allocUnsafeSlow(bytes);
      buffer.copy(copy, 0, 0, bytes);
      this.callbacks.onBytes(copy, 0, bytes);
      this.isBufferKept = false;
    } else {
      this.callbacks.onBytes(buffer, 0, bytes);
    }
    this.loop.end();
    return this.readDisableCount === 0;
  }

  private onConnect(): void {
    this.localAddress = new Address(
      this.socket.localAddress ?? "0.0.0.0",
      this.socket.localPort ?? 0,
    );
    this.loop.begin();
    this.callbacks.onConnected();
    this.loop.end();
  }

  private onEnd(): void {
    this.hasPeerEnded = true;
    if (this.isClosed) return;
    this.loop.begin();
    if (this.isEnding) {
      if (this.socket.writableFinished) this.socket.destroy();
      else this.socket.once("finish", destroySocket);
    } else {
      this.callbacks.onHalfClose();
    }
    this.loop.end();
  }

  private onDrain(): void {
    if (!this.isAboveHighWatermark || this.isClosed) return;
    this.isAboveHighWatermark = false;
    this.loop.begin();
    this.callbacks.onBelowLowWatermark();
    this.loop.end();
  }

  private onSocketClose(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.loop.begin();
    this.callbacks.onClose(this.closeError, this.hasPeerEnded || this.closeError !== "");
    this.loop.end();
  }
}

function destroySocket(this: net.Socket): void {
  this.destroy();
}

function destroyConnection(connection: Connection): void {
  connection.close(false);
}
