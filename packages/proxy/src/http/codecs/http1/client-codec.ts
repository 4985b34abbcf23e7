/**
 * The upstream side of HTTP/1: RequestEncoder → bytes of requests, bytes of responses → ResponseDecoder.
 *
 *     Idle ─newStream▶ Head ─▶ (1xx: Head) ─▶ Body ─▶ Idle
 *     (101 and CONNECT's 2xx have a body that lasts to the connection's end)
 *     any ─fault, close─▶ Closed
 */
import {
  type ClientCodec,
  type ClientCodecCallbacks,
  type CodecConnection,
  type RequestEncoder,
  ResetReason,
  type ResponseDecoder,
} from "../../codec.ts";
import { HeaderMap } from "../../header-map.ts";
import { BodyReader, type BodyReceiver, EMPTY, HEADERS_TOO_LARGE } from "./body-reader.ts";
import { equalsIgnoreCase, hasListToken } from "./characters.ts";
import { BlockKind, CODEC_ERROR, fieldParser } from "./field-parser.ts";
import { parseContentLength } from "./framing.ts";
import { HeadBuffer } from "./head-buffer.ts";
import { appendHeaders, writeBody, writeChunk, writeTrailers } from "./header-text.ts";
import type { Http1ClientOptions } from "./options.ts";
import type { Http1CodecStats } from "./stats.ts";
import { statusLineParser } from "./status-line.ts";

const TRANSFER_ENCODING_NOT_ALLOWED = "http1.transfer_encoding_not_allowed";
const CONTENT_LENGTH_NOT_ALLOWED = "http1.content_length_not_allowed";
const CONTENT_LENGTH_AND_CHUNKED = "http1.content_length_and_chunked_not_allowed";
const INVALID_TRANSFER_ENCODING = "http1.invalid_transfer_encoding";

const State = { Idle: 0, Head: 1, Body: 2, Closed: 3 } as const;
type State = (typeof State)[keyof typeof State];

export class Http1ClientCodec implements ClientCodec, RequestEncoder, BodyReceiver {
  /** Of the current response's status line. */
  protocol = "HTTP/1.1";
  private readonly sink: CodecConnection;
  private readonly callbacks: ClientCodecCallbacks;
  private readonly options: Http1ClientOptions;
  private readonly fieldOptions: BodyOptionsOf;
  private readonly head = new HeadBuffer();
  private readonly body: BodyReader;
  private state: State = State.Idle;
  private decoder: ResponseDecoder | null = null;
  private isHead = false;
  /** Bytes flow both ways until either side closes. */
  private hasTunnel = false;
  private isConnect = false;
  private isUpgrade = false;
  private isChunked = false;
  private isRequestComplete = false;
  private isResponseComplete = false;
  private keepAlive = true;
  private pauses = 0;

  constructor(
    sink: CodecConnection,
    callbacks: ClientCodecCallbacks,
    options: Http1ClientOptions,
    stats: Http1CodecStats | null,
  ) {
    this.sink = sink;
    this.callbacks = callbacks;
    this.options = options;
    this.fieldOptions = { ...options, headersWithUnderscores: 0 };
    this.body = new BodyReader(sink, this, this.fieldOptions, stats);
  }

  newStream(decoder: ResponseDecoder): RequestEncoder {
    this.decoder = decoder;
    this.state = State.Head;
    this.protocol = "HTTP/1.1";
    this.isHead = false;
    this.isConnect = false;
    this.isUpgrade = false;
    this.isChunked = false;
    this.isRequestComplete = false;
    this.isResponseComplete = false;
    this.keepAlive = true;
    this.head.clear();
    return this;
  }

  // ---- RequestEncoder.

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.decoder === null) return;
    const { names, values } = headers;
    let method = "";
    let path = "";
    let authority = "";
    let hasLength = false;
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      if (name.charCodeAt(0) === 58) {
        if (name === ":method") method = values[i]!;
        else if (name === ":path") path = values[i]!;
        else if (name === ":authority") authority = values[i]!;
      } else if (name === "content-length") hasLength = true;
      else if (name === "upgrade") {
        const connection = headers.get("connection");
        this.isUpgrade = connection !== undefined && hasListToken(connection, "upgrade");
      }
    }
    this.isHead = method === "HEAD";
    this.isConnect = method === "CONNECT";
    const isProper = this.options.headerKeyFormat !== 0;
    let text = `${method} ${this.isConnect ? authority : path} HTTP/1.1\r\n`;
    text = appendHeaders(text, headers, this.options.headerKeyFormat);
    if (hasLength || this.isConnect) {
      // As it is.
    } else if (endStream) {
      if (needsLength(method)) text += isProper ? "Content-Length: 0\r\n" : "content-length: 0\r\n";
    } else if (!this.isUpgrade) {
      text += isProper ? "Transfer-Encoding: chunked\r\n" : "transfer-encoding: chunked\r\n";
      this.isChunked = true;
    }
    this.sink.write(`${text}\r\n`);
    if (endStream) this.endRequest();
  }

  encodeData(chunk: Uint8Array, endStream: boolean): void {
    if (this.decoder === null) return;
    if (this.isChunked) writeChunk(this.sink, chunk, endStream);
    else writeBody(this.sink, chunk);
    if (endStream) this.endRequest();
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (this.decoder === null) return;
    if (this.isChunked) {
      if (this.options.enableTrailers) {
        writeTrailers(this.sink, trailers, this.options.headerKeyFormat);
      } else this.sink.write("0\r\n\r\n");
    }
    this.endRequest();
  }

  resetStream(_reason: ResetReason): void {
    if (this.decoder === null) return;
    this.decoder = null;
    this.state = State.Closed;
    this.callbacks.onStreamDone(false);
  }

  readDisable(disable: boolean): void {
    if (!disable && this.pauses === 0) return;
    this.pauses += disable ? 1 : -1;
    this.sink.readDisable(disable);
  }

  private endRequest(): void {
    this.isRequestComplete = true;
  }

  // ---- Bytes in.

  onBytes(buffer: Buffer, start: number, end: number): void {
    let position = start;
    while (position < end) {
      switch (this.state) {
        case State.Head:
          position = this.readHead(buffer, position, end);
          break;
        case State.Body:
          position = this.body.read(buffer, position, end);
          if (this.body.error !== "") {
            this.fail(this.body.error);
            return;
          }
          break;
        case State.Idle:
          // Bytes that nobody asked for.
          this.fail(CODEC_ERROR);
          return;
        default:
          return;
      }
      if (this.isResponseComplete) {
        // Bytes after the response belong to nobody: they must not meet the next request.
        if (position < end) this.keepAlive = false;
        this.finish();
        return;
      }
    }
  }

  private readHead(buffer: Buffer, start: number, end: number): number {
    const { head, options } = this;
    if (head.text === "" && buffer[start] !== 72) return this.fail(CODEC_ERROR, end);
    head.add(buffer, start, end);
    const { text } = head;
    const headEnd = head.findEnd();
    if (headEnd < 0) {
      if (text.length >= options.maxHeadersBytes) return this.fail(HEADERS_TOO_LARGE, end);
      return end;
    }
    const lineEnd = text.indexOf("\n");
    if (!statusLineParser.parse(text, lineEnd)) return this.fail(statusLineParser.error, end);
    const used = this.onHead(text, head.bytes, head.base, lineEnd + 1);
    if (used < 0) return end;
    const next = start + head.consumedOf(used);
    head.clear();
    return next;
  }

  private onHead(text: string, bytes: Uint8Array, base: number, start: number): number {
    const { options } = this;
    const { status, isHttp11 } = statusLineParser;
    const headers = new HeaderMap();
    headers.names.push(":status");
    headers.values.push(statusLineParser.statusText);
    const end = fieldParser.parse(
      text,
      bytes,
      base,
      start,
      headers,
      BlockKind.Response,
      this.fieldOptions,
      null,
    );
    if (end < 0) return this.fail(fieldParser.error);
    if (end > options.maxHeadersBytes) return this.fail(HEADERS_TOO_LARGE);
    const { contentLength, transferEncoding, connection, upgrade } = fieldParser;
    const isChunked = transferEncoding !== null && equalsIgnoreCase(transferEncoding, "chunked");
    let length = -1;
    if (contentLength !== null && !isChunked) {
      length = parseContentLength(contentLength);
      if (length < 0) return this.fail(CODEC_ERROR);
    }
    this.protocol = isHttp11 ? "HTTP/1.1" : "HTTP/1.0";
    if (transferEncoding !== null) {
      if (contentLength !== null) {
        if (!isChunked || !options.allowChunkedLength) return this.fail(CONTENT_LENGTH_AND_CHUNKED);
        headers.remove("content-length");
      }
      if (!isChunked) return this.fail(INVALID_TRANSFER_ENCODING);
    }
    const isTunnel = this.isConnect && status >= 200 && status < 300;
    if (isTunnel && isChunked) return this.fail(INVALID_TRANSFER_ENCODING);
    if (status < 200 || status === 204) {
      if (transferEncoding !== null) return this.fail(TRANSFER_ENCODING_NOT_ALLOWED);
      if (contentLength !== null) {
        if (contentLength !== "0") return this.fail(CONTENT_LENGTH_NOT_ALLOWED);
        headers.remove("content-length");
      }
    }
    const decoder = this.decoder!;
    const isUpgraded =
      this.isUpgrade &&
      upgrade !== null &&
      connection !== null &&
      hasListToken(connection, "upgrade");
    if (isTunnel || isUpgraded) {
      this.state = State.Body;
      this.keepAlive = false;
      this.hasTunnel = true;
      this.body.startUntilClose();
      decoder.decodeHeaders(headers, false);
      return end;
    }
    if (status >= 100 && status < 200 && status !== 101) {
      decoder.decode1xxHeaders(headers);
      return end;
    }
    if (connection !== null) {
      if (hasListToken(connection, "close")) this.keepAlive = false;
      else if (!isHttp11) this.keepAlive = hasListToken(connection, "keep-alive");
    } else if (!isHttp11) this.keepAlive = false;
    const proxyConnection = headers.get("proxy-connection");
    if (proxyConnection !== undefined && hasListToken(proxyConnection, "close")) {
      this.keepAlive = false;
    }
    const isBodyless = this.isHead || status === 101 || status === 204 || status === 304;
    if (isBodyless || (!isChunked && length === 0)) {
      this.isResponseComplete = true;
      decoder.decodeHeaders(headers, true);
      return end;
    }
    this.state = State.Body;
    if (isChunked) this.body.startChunks();
    else if (length > 0) this.body.startLength(length);
    else {
      this.keepAlive = false;
      this.body.startUntilClose();
    }
    decoder.decodeHeaders(headers, false);
    return end;
  }

  // ---- BodyReceiver.

  onBody(chunk: Uint8Array, endStream: boolean): void {
    if (endStream) this.isResponseComplete = true;
    this.decoder?.decodeData(chunk, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    this.isResponseComplete = true;
    this.decoder?.decodeTrailers(trailers);
  }

  /** The response is complete. A request that is not will never be: its connection ends. */
  private finish(): void {
    if (this.decoder === null) return;
    this.decoder = null;
    this.releasePauses();
    if (!this.isRequestComplete) this.keepAlive = false;
    this.state = this.keepAlive ? State.Idle : State.Closed;
    this.callbacks.onStreamDone(this.keepAlive);
  }

  private fail(details: string, result = -1): number {
    const { decoder } = this;
    this.decoder = null;
    this.state = State.Closed;
    this.head.clear();
    if (!this.isResponseComplete) decoder?.onReset(ResetReason.ProtocolError, details);
    this.callbacks.onProtocolError(details);
    return result;
  }

  onHalfClose(): void {
    if (this.decoder === null) return;
    if (this.hasTunnel) this.onClose(ResetReason.ConnectionTermination, "");
    else if (this.state === State.Body && this.body.isUntilClose) {
      this.body.stop();
      this.onBody(EMPTY, true);
      this.finish();
    } else if (this.state === State.Body || this.head.text !== "") {
      // Cut off in the middle is the peer's fault.
      this.fail(CODEC_ERROR);
    } else this.onClose(ResetReason.ConnectionTermination, "");
  }

  onClose(reason: ResetReason, details: string): void {
    const { decoder } = this;
    this.decoder = null;
    this.state = State.Closed;
    if (!this.isResponseComplete) decoder?.onReset(reason, details);
  }

  private releasePauses(): void {
    while (this.pauses > 0) {
      this.pauses--;
      this.sink.readDisable(false);
    }
  }
}

type BodyOptionsOf = Http1ClientOptions & { readonly headersWithUnderscores: 0 };

/** All methods but those for which a body means nothing. Found by trying them on the real Envoy. */
function needsLength(method: string): boolean {
  switch (method) {
    case "GET":
    case "HEAD":
    case "DELETE":
    case "TRACE":
    case "CONNECT":
      return false;
    default:
      return true;
  }
}
