/**
 * The seam between codecs and the rest: a codec turns bytes into these calls and these calls into
 * bytes. It does no I/O of its own: it writes to a ByteSink and is fed by its connection.
 *
 * Chunks: a chunk of fewer than BORROWED_CHUNK_LIMIT bytes is borrowed, valid only during the call
 * that brings it: copy it to keep it. A longer one belongs to the receiver (the connection reads
 * the next bytes into another buffer; the codec tells it so with ByteSink.keepReadBuffer).
 */
import type { HeaderMap } from "./header-map.ts";

export const BORROWED_CHUNK_LIMIT = 4096;

/** The bytes' way out of a codec; implemented by network/connection.ts. */
export interface ByteSink {
  /** Latin1 text; joined with what was written before in this event. */
  write(text: string): void;
  /** A borrowed or owned chunk, by the rule above. */
  writeBytes(chunk: Uint8Array): void;
  /** The bytes handed to the codec in this event stay in use: read the next ones elsewhere. */
  keepReadBuffer(): void;
}

/** The way out of a codec that can also pause its connection's reading; calls nest. */
export interface CodecConnection extends ByteSink {
  readDisable(disable: boolean): void;
}

/** Why a stream was reset. Source: envoy/http/codec.h, StreamResetReason. */
export const ResetReason = {
  LocalReset: 0,
  RemoteReset: 1,
  LocalConnectionFailure: 2,
  RemoteConnectionFailure: 3,
  ConnectionTimeout: 4,
  ConnectionTermination: 5,
  Overflow: 6,
  ProtocolError: 7,
  ConnectError: 8,
  RefusedStream: 9,
} as const;
export type ResetReason = (typeof ResetReason)[keyof typeof ResetReason];

/** Texts as in bodies and details of local replies: `remote connection failure`. */
export const RESET_REASON_TEXT: readonly string[] = [
  "local reset",
  "remote reset",
  "local connection failure",
  "remote connection failure",
  "connection timeout",
  "connection termination",
  "overflow",
  "protocol error",
  "remote error with CONNECT request",
  "remote refused stream reset",
];

// ---- Downstream: bytes of a request → calls; calls → bytes of a response.

/** Receives one request. Implemented by the connection manager's stream. */
export interface RequestDecoder {
  /** Pseudo headers first, in the order :authority, :path, :method, :scheme (scheme not yet set). */
  decodeHeaders(headers: HeaderMap, endStream: boolean): void;
  decodeData(chunk: Uint8Array, endStream: boolean): void;
  /** Ends the stream. */
  decodeTrailers(trailers: HeaderMap): void;
  /**
   * The request is malformed. The receiver answers `code` with `body` through local_reply_config,
   * closes the connection and logs flag DPE (unless `code` is 431) with `details`. The codec reads no more.
   */
  onCodecError(code: number, body: string, details: string): void;
  /** The peer or the connection ended the stream. */
  onReset(reason: ResetReason): void;
}

/** Writes one response; one per stream, valid until the stream's end. */
export interface ResponseEncoder {
  /** 100 to 199, 101 excepted. */
  encode1xxHeaders(headers: HeaderMap): void;
  /** `:status` first. Adds framing (content-length is the caller's; chunked and connection: close are the codec's). */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  encodeData(chunk: Uint8Array, endStream: boolean): void;
  encodeTrailers(trailers: HeaderMap): void;
  /** Gives up the stream: HTTP/1 closes the connection. */
  resetStream(reason: ResetReason): void;
  /** The connection closes after this response: HTTP/1 writes `connection: close` with its headers. */
  closeAfterResponse(): void;
  /** Pauses or resumes reading of the request; calls nest. */
  readDisable(disable: boolean): void;
}

/** Receives a downstream connection's streams. Implemented by the connection manager. */
export interface ServerCodecCallbacks {
  /**
   * A request begins (its first byte of the request line arrived). For pipelined requests the next
   * call comes only after the response before it was written whole.
   */
  newStream(encoder: ResponseEncoder): RequestDecoder;
  /** The response and the request are complete; `keepAlive` false: close after flushing. */
  onStreamDone(keepAlive: boolean): void;
}

/** One downstream connection's codec. */
export interface ServerCodec {
  readonly protocol: string;
  /** Bytes [start, end) of `buffer`; borrowed as said above. */
  onBytes(buffer: Buffer, start: number, end: number): void;
  /** The peer sent FIN. */
  onHalfClose(): void;
  /** The connection is gone: streams get onReset(ConnectionTermination). */
  onClose(): void;
  /** True between the first byte of a request and the end of its response. */
  readonly hasActiveStream: boolean;
}

// ---- Upstream: calls → bytes of a request; bytes of a response → calls.

/** Receives one response. Implemented by the router's upstream request and by callouts. */
export interface ResponseDecoder {
  /** 100 to 199, 101 excepted. */
  decode1xxHeaders(headers: HeaderMap): void;
  /** `:status` first. */
  decodeHeaders(headers: HeaderMap, endStream: boolean): void;
  decodeData(chunk: Uint8Array, endStream: boolean): void;
  decodeTrailers(trailers: HeaderMap): void;
  /** The stream ended early. `details` for ProtocolError names the fault; else the transport's failure or "". */
  onReset(reason: ResetReason, details: string): void;
  /** The upstream connection's write buffer rose above its high, or fell below its low watermark. */
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
}

/** Writes one request. */
export interface RequestEncoder {
  /** Sends `:method :path`, host from `:authority`, then the rest; framing by the codec. */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  encodeData(chunk: Uint8Array, endStream: boolean): void;
  encodeTrailers(trailers: HeaderMap): void;
  /** Gives up: HTTP/1 closes the connection. No further call of the decoder follows. */
  resetStream(reason: ResetReason): void;
  readDisable(disable: boolean): void;
}

/** Called by a client codec. Implemented by the connection pool's connection. */
export interface ClientCodecCallbacks {
  /** Request and response are complete. `keepAlive` false: the connection can't be used again. */
  onStreamDone(keepAlive: boolean): void;
  /** The peer broke the protocol; the stream's decoder got onReset(ProtocolError). Close the connection. */
  onProtocolError(details: string): void;
}

/** One upstream connection's codec. */
export interface ClientCodec {
  readonly protocol: string;
  /** Starts a request; for HTTP/1 only when no other is under way. */
  newStream(decoder: ResponseDecoder): RequestEncoder;
  onBytes(buffer: Buffer, start: number, end: number): void;
  /** FIN: ends a close-delimited body, else resets the stream. */
  onHalfClose(): void;
  onClose(reason: ResetReason, details: string): void;
}
