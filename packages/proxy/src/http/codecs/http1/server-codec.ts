/**
 * The downstream side of HTTP/1: bytes of requests → RequestDecoder, ResponseEncoder → bytes.
 *
 *     Head ─▶ Body ─▶ Waiting (for the response; further bytes are held) ─▶ Head …
 *        └──▶ Raw (upgrade, CONNECT)          └──▶ Closed (after a fault or the last response)
 */
import {
  type CodecConnection,
  type RequestDecoder,
  ResetReason,
  type ResponseEncoder,
  type ServerCodec,
  type ServerCodecCallbacks,
} from "../../codec.ts";
import { HeaderMap } from "../../header-map.ts";
import { isAuthorityValid, splitTarget, targetParts } from "./absolute-url.ts";
import { BodyReader, type BodyReceiver, EMPTY, HEADERS_TOO_LARGE } from "./body-reader.ts";
import { equalsIgnoreCase, hasListToken } from "./characters.ts";
import { BlockKind, CODEC_ERROR, fieldParser, TOO_MANY_HEADERS } from "./field-parser.ts";
import { parseContentLength, removeH2cUpgrade } from "./framing.ts";
import { HeadBuffer } from "./head-buffer.ts";
import { appendHeaders, writeBody, writeChunk, writeTrailers } from "./header-text.ts";
import type { Http1ServerOptions } from "./options.ts";
import { statusLine } from "./reason-phrases.ts";
import { requestLine } from "./request-line.ts";
import type { Http1CodecStats } from "./stats.ts";

const CONTENT_LENGTH_AND_CHUNKED = "http1.content_length_and_chunked_not_allowed";
const INVALID_TRANSFER_ENCODING = "http1.invalid_transfer_encoding";
const BODY_DISALLOWED = "http1.body_disallowed";
const INVALID_AUTHORITY = "http.invalid_authority";
/** Answered with nothing, only logged: see ServerCodec in README.md. */
const RESPONSE_FLOOD = "codec_error:Too_many_responses_queued.";
/** Responses of one event after which a further pipelined request is a flood. */
const MAX_OUTBOUND_RESPONSES = 2;

const BLANK_LINE = Buffer.from("\n");

const State = { Head: 0, Body: 1, Waiting: 2, Raw: 3, Closed: 4 } as const;
type State = (typeof State)[keyof typeof State];

const Framing = { None: 0, Plain: 1, Chunked: 2, UntilClose: 3, Suppressed: 4 } as const;
type Framing = (typeof Framing)[keyof typeof Framing];

export class Http1ServerCodec implements ServerCodec, ResponseEncoder, BodyReceiver {
  /** Of the current request; HTTP/1.0 stands for every version but 1.1, as in Envoy. */
  protocol = "HTTP/1.1";
  private readonly sink: CodecConnection;
  private readonly callbacks: ServerCodecCallbacks;
  private readonly options: Http1ServerOptions;
  private readonly stats: Http1CodecStats | null;
  private readonly head = new HeadBuffer();
  private readonly body: BodyReader;
  private state: State = State.Head;
  private decoder: RequestDecoder | null = null;
  private isRequestComplete = false;
  private isDispatching = false;
  private outboundResponses = 0;
  private pauses = 0;
  private isHead = false;
  private isConnect = false;
  private framing: Framing = Framing.None;
  private isLastResponse = false;
  private held: Buffer | null = null;
  private isHoldingPaused = false;

  constructor(
    sink: CodecConnection,
    callbacks: ServerCodecCallbacks,
    options: Http1ServerOptions,
    stats: Http1CodecStats | null,
  ) {
    this.sink = sink;
    this.callbacks = callbacks;
    this.options = options;
    this.stats = stats;
    this.body = new BodyReader(sink, this, options, stats);
  }

  get hasActiveStream(): boolean {
    return this.decoder !== null;
  }

  // ---- Bytes in.

  onBytes(buffer: Buffer, start: number, end: number): void {
    this.outboundResponses = 0;
    if (this.held !== null || (this.state === State.Waiting && start < end)) {
      this.hold(buffer, start, end);
    } else this.dispatch(buffer, start, end);
  }

  private dispatch(buffer: Buffer, start: number, end: number): void {
    let position = start;
    this.isDispatching = true;
    while (position < end) {
      switch (this.state) {
        case State.Head:
          position = this.readHead(buffer, position, end);
          break;
        case State.Body:
          position = this.body.read(buffer, position, end);
          if (this.body.error !== "") this.fail(this.body.error);
          break;
        case State.Raw:
          this.body.read(buffer, position, end);
          position = end;
          break;
        case State.Waiting:
          this.isDispatching = false;
          this.hold(buffer, position, end);
          return;
        default:
          position = end;
      }
    }
    this.isDispatching = false;
  }

  /** Keeps bytes that follow a request until its response is written, and reads no more of them. */
  private hold(buffer: Buffer, start: number, end: number): void {
    if (this.state === State.Closed) return;
    const { held } = this;
    const copy = Buffer.from(buffer.subarray(start, end));
    this.held = held === null ? copy : Buffer.concat([held, copy]);
    if (!this.isHoldingPaused) {
      this.isHoldingPaused = true;
      this.sink.readDisable(true);
    }
  }

  private readonly continueHeld = (): void => {
    const { held } = this;
    if (this.state !== State.Head || held === null) return;
    this.held = null;
    this.outboundResponses = 0;
    this.dispatch(held, 0, held.length);
    if (this.held === null && this.isHoldingPaused) {
      this.isHoldingPaused = false;
      this.sink.readDisable(false);
    }
  };

  private readHead(buffer: Buffer, start: number, end: number): number {
    const { head, options } = this;
    let position = start;
    if (head.text === "") {
      let c = buffer[position]!;
      while (c === 10 || c === 13) {
        if (++position === end) return end;
        c = buffer[position]!;
      }
      if (!this.begin()) return end;
      if (c <= 32) {
        this.fail(CODEC_ERROR);
        return end;
      }
    }
    head.add(buffer, position, end);
    const { text } = head;
    const lineEnd = text.indexOf("\n");
    const isLineRead = lineEnd >= 0 && lineEnd < options.maxHeadersBytes;
    if (isLineRead && !requestLine.parse(text, lineEnd, options.allowCustomMethods)) {
      this.fail(requestLine.error);
      return end;
    }
    if (isLineRead && requestLine.isWithoutVersion) {
      const next = position + head.consumedOf(lineEnd + 1);
      head.clear();
      this.onHead("\n", BLANK_LINE, 0, 0);
      return next;
    }
    const headEnd = head.findEnd();
    if (headEnd < 0) {
      if (text.length >= options.maxHeadersBytes) this.fail(HEADERS_TOO_LARGE);
      return end;
    }
    const used = this.onHead(text, head.bytes, head.base, lineEnd + 1);
    if (used < 0) return end;
    const next = position + head.consumedOf(used);
    head.clear();
    return next;
  }

  private begin(): boolean {
    this.isRequestComplete = false;
    this.isHead = false;
    this.isConnect = false;
    this.framing = Framing.None;
    this.isLastResponse = false;
    this.protocol = "HTTP/1.1";
    this.decoder = this.callbacks.newStream(this);
    if (this.outboundResponses < MAX_OUTBOUND_RESPONSES) return true;
    this.stats?.responseFlood.inc();
    this.failWith(0, "", RESPONSE_FLOOD);
    return false;
  }

  /** The head is whole, its first line is in `requestLine`. Returns where it ends, or -1. */
  private onHead(text: string, bytes: Uint8Array, base: number, start: number): number {
    const { options } = this;
    const { method, target, isHttp11, isWithoutVersion } = requestLine;
    const isConnect = method === "CONNECT";
    const headers = new HeaderMap();
    // Perf: the pseudo headers' places are taken now, as nothing is cheap to put in front later.
    headers.names.push(":authority", ":path", ":method");
    headers.values.push("", target, method);
    const end = fieldParser.parse(
      text,
      bytes,
      base,
      start,
      headers,
      BlockKind.Request,
      options,
      this.stats,
    );
    if (end < 0) return this.fail(fieldParser.error);
    if (end > options.maxHeadersBytes) return this.fail(HEADERS_TOO_LARGE);
    const { host, contentLength, transferEncoding, connection, upgrade } = fieldParser;
    const isChunked = transferEncoding !== null && equalsIgnoreCase(transferEncoding, "chunked");
    let length = 0;
    if (contentLength !== null && !isChunked) {
      length = parseContentLength(contentLength);
      if (length < 0 && transferEncoding === null) return this.fail(CODEC_ERROR);
    }
    if (!isHttp11) this.protocol = "HTTP/1.0";
    let isRaw = isConnect;
    if (upgrade !== null && connection !== null && hasListToken(connection, "upgrade")) {
      if (equalsIgnoreCase(upgrade, "h2c")) removeH2cUpgrade(headers, connection);
      else isRaw = true;
    }
    if (isConnect && contentLength !== null) {
      if (contentLength !== "0") return this.fail(BODY_DISALLOWED);
      headers.remove("content-length");
    }
    if (transferEncoding !== null) {
      if (contentLength !== null) {
        if (!isChunked || !options.allowChunkedLength) return this.fail(CONTENT_LENGTH_AND_CHUNKED);
        headers.remove("content-length");
      }
      if (!isChunked || isConnect) {
        this.failWith(501, "Not Implemented", INVALID_TRANSFER_ENCODING);
        return -1;
      }
    }
    const error = this.fillPseudoHeaders(headers, host, method, target, isConnect);
    if (error !== "") return this.fail(error);
    this.isHead = method === "HEAD";
    this.isConnect = isConnect;
    const decoder = this.decoder!;
    if (isRaw) {
      this.state = State.Raw;
      this.body.startUntilClose();
      decoder.decodeHeaders(headers, false);
    } else if (isChunked || length > 0) {
      this.state = State.Body;
      if (isChunked) this.body.startChunks();
      else this.body.startLength(length);
      decoder.decodeHeaders(headers, false);
    } else {
      this.endRequest();
      decoder.decodeHeaders(headers, true);
    }
    return isWithoutVersion ? 0 : end;
  }

  /** Completes `:authority :path :method`; returns the fault's details or "". */
  private fillPseudoHeaders(
    headers: HeaderMap,
    host: string | null,
    method: string,
    target: string,
    isConnect: boolean,
  ): string {
    const { names, values } = headers;
    let authority = host;
    const first = target.charCodeAt(0);
    const isOrigin = !isConnect && (first === 47 || (first === 42 && method === "OPTIONS"));
    if (!isOrigin && (isConnect || this.options.allowAbsoluteUrl)) {
      const error = splitTarget(target, isConnect);
      if (error !== "") return error;
      authority = targetParts.authority;
      values[1] = targetParts.path;
    }
    if (authority !== null && !isAuthorityValid(authority)) return INVALID_AUTHORITY;
    if (isConnect) {
      names.splice(1, 1);
      values.splice(1, 1);
    }
    if (authority === null) {
      names.shift();
      values.shift();
    } else values[0] = authority;
    return "";
  }

  // ---- BodyReceiver.

  onBody(chunk: Uint8Array, endStream: boolean): void {
    if (endStream) this.endRequest();
    this.decoder?.decodeData(chunk, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    this.endRequest();
    this.decoder?.decodeTrailers(trailers);
  }

  private endRequest(): void {
    this.isRequestComplete = true;
    if (this.state !== State.Closed) this.state = State.Waiting;
  }

  private fail(details: string): number {
    if (details === HEADERS_TOO_LARGE || details === TOO_MANY_HEADERS) {
      return this.failWith(431, "Request Header Fields Too Large", details);
    }
    return this.failWith(400, "Bad Request", details);
  }

  private failWith(code: number, body: string, details: string): number {
    this.state = State.Closed;
    this.head.clear();
    this.held = null;
    this.isLastResponse = true;
    this.decoder?.onCodecError(code, body, details);
    return -1;
  }

  onHalfClose(): void {
    if (this.state === State.Raw && !this.isRequestComplete) {
      this.isRequestComplete = true;
      this.decoder?.decodeData(EMPTY, true);
    }
  }

  onClose(): void {
    this.state = State.Closed;
    this.held = null;
    const { decoder } = this;
    this.decoder = null;
    decoder?.onReset(ResetReason.ConnectionTermination);
  }

  // ---- ResponseEncoder.

  encode1xxHeaders(headers: HeaderMap): void {
    const status = Number(headers.get(":status"));
    this.sink.write(
      `${appendHeaders(statusLine(status, false), headers, this.options.headerKeyFormat)}\r\n`,
    );
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.decoder === null) return;
    const { options } = this;
    const status = Number(
      headers.names[0] === ":status" ? headers.values[0] : headers.get(":status"),
    );
    const isHttp10 = this.protocol === "HTTP/1.0";
    let text = statusLine(status, isHttp10 && options.acceptHttp10);
    text = appendHeaders(text, headers, options.headerKeyFormat);
    const isTunnel = this.isConnect && status < 300;
    const isBodyless = status < 200 || status === 204 || status === 304;
    const hasLength = headers.names.includes("content-length");
    let framing: Framing = Framing.Plain;
    let tail = "\r\n";
    if (this.isHead || status === 204 || status === 304) framing = Framing.Suppressed;
    if (hasLength || isTunnel || isBodyless) {
      // As it is.
    } else if (endStream && !this.isHead) {
      tail = "content-length: 0\r\n\r\n";
    } else if (isHttp10) {
      if (!this.isHead) framing = Framing.UntilClose;
    } else {
      tail = "transfer-encoding: chunked\r\n\r\n";
      if (!this.isHead) framing = Framing.Chunked;
    }
    const mustClose =
      framing === Framing.UntilClose ||
      (endStream && !this.isRequestComplete && this.state !== State.Raw);
    if (mustClose) this.isLastResponse = true;
    if (this.isLastResponse && this.state !== State.Raw && !headers.names.includes("connection")) {
      text += this.format("connection: close\r\n");
    } else if (this.isLastResponse && this.state === State.Raw && status !== 101 && !isTunnel) {
      text += this.format("connection: close\r\n");
    }
    this.framing = framing;
    this.sink.write(text + (tail === "\r\n" ? tail : this.format(tail)));
    if (endStream) this.endResponse();
  }

  private format(line: string): string {
    if (this.options.headerKeyFormat === 0) return line;
    if (line.startsWith("content")) return line.replace("content-length", "Content-Length");
    if (line.startsWith("transfer")) return line.replace("transfer-encoding", "Transfer-Encoding");
    return line.replace("connection", "Connection");
  }

  encodeData(chunk: Uint8Array, endStream: boolean): void {
    if (this.decoder === null) return;
    if (this.framing === Framing.Chunked) writeChunk(this.sink, chunk, endStream);
    else if (this.framing !== Framing.Suppressed) writeBody(this.sink, chunk);
    if (endStream) this.endResponse();
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.decoder === null) return;
    if (this.framing === Framing.Chunked) {
      if (this.options.enableTrailers)
        writeTrailers(this.sink, trailers, this.options.headerKeyFormat);
      else this.sink.write("0\r\n\r\n");
    }
    this.endResponse();
  }

  closeAfterResponse(): void {
    this.isLastResponse = true;
  }

  resetStream(_reason: ResetReason): void {
    if (this.decoder === null) return;
    this.decoder = null;
    this.state = State.Closed;
    this.held = null;
    this.callbacks.onStreamDone(false);
  }

  readDisable(disable: boolean): void {
    if (!disable && this.pauses === 0) return;
    this.pauses += disable ? 1 : -1;
    this.sink.readDisable(disable);
  }

  private endResponse(): void {
    this.decoder = null;
    this.releasePauses();
    if (!this.isRequestComplete || this.isLastResponse) {
      this.state = State.Closed;
      this.held = null;
      this.callbacks.onStreamDone(false);
      return;
    }
    this.state = State.Head;
    if (this.isDispatching) this.outboundResponses++;
    this.callbacks.onStreamDone(true);
    if (!this.isDispatching && this.held !== null) queueMicrotask(this.continueHeld);
  }

  /** Pauses that the finished stream left behind. */
  private releasePauses(): void {
    while (this.pauses > 0) {
      this.pauses--;
      this.sink.readDisable(false);
    }
  }
}
