/** What the codecs write, and how streams follow one another; acceptance of input is in tests/conformance/http1-inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type RequestDecoder,
  ResetReason,
  type ResponseDecoder,
  type ResponseEncoder,
} from "../../codec.ts";
import { HeaderMap } from "../../header-map.ts";
import { Http1ClientCodec } from "./client-codec.ts";
import { properCase } from "./header-text.ts";
import {
  DEFAULT_CLIENT_OPTIONS,
  DEFAULT_SERVER_OPTIONS,
  HeaderKeyFormat,
  type Http1ServerOptions,
} from "./options.ts";
import { Http1ServerCodec } from "./server-codec.ts";

class Sink {
  text = "";
  kept = 0;
  pauses = 0;
  write(text: string): void {
    this.text += text;
  }
  writeBytes(chunk: Uint8Array): void {
    this.text += Buffer.from(chunk).toString("latin1");
  }
  keepReadBuffer(): void {
    this.kept++;
  }
  readDisable(disable: boolean): void {
    this.pauses += disable ? 1 : -1;
  }
}

class Server {
  readonly sink = new Sink();
  readonly calls: string[] = [];
  encoder!: ResponseEncoder;
  readonly codec: Http1ServerCodec;

  constructor(options: Partial<Http1ServerOptions> = {}) {
    const { calls } = this;
    const decoder: RequestDecoder = {
      decodeHeaders: (headers, endStream) =>
        void calls.push(`headers ${headers.get(":method")} ${headers.get(":path")} ${endStream}`),
      decodeData: (chunk, endStream) =>
        void calls.push(`data ${Buffer.from(chunk).toString("latin1")} ${endStream}`),
      decodeTrailers: (trailers) => void calls.push(`trailers ${trailers.size}`),
      onCodecError: (code, _body, details) => void calls.push(`error ${code} ${details}`),
      onReset: (reason) => void calls.push(`reset ${reason}`),
    };
    this.codec = new Http1ServerCodec(
      this.sink,
      {
        newStream: (encoder) => {
          this.encoder = encoder;
          calls.push("stream");
          return decoder;
        },
        onStreamDone: (keepAlive) => void calls.push(`done ${keepAlive}`),
      },
      { ...DEFAULT_SERVER_OPTIONS, ...options },
      null,
    );
  }

  receive(text: string): void {
    const bytes = Buffer.from(text, "latin1");
    this.codec.onBytes(bytes, 0, bytes.length);
  }
  take(): string[] {
    return this.calls.splice(0);
  }
}

function map(...pairs: string[]): HeaderMap {
  const headers = new HeaderMap();
  headers.replaceAll(pairs);
  return headers;
}
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/** [request, response headers, body or null, what is written]. */
const RESPONSES: [string, string[], string | null, string][] = [
  [
    GET,
    [":status", "200", "content-length", "2"],
    "hi",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
  ],
  [
    GET,
    [":status", "200"],
    "hi",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
  ],
  [GET, [":status", "418"], null, "HTTP/1.1 418 Unknown\r\ncontent-length: 0\r\n\r\n"],
  [GET, [":status", "204"], null, "HTTP/1.1 204 No Content\r\n\r\n"],
  [GET, [":status", "304"], null, "HTTP/1.1 304 Not Modified\r\n\r\n"],
  [
    GET,
    [":status", "304", "content-length", "9"],
    null,
    "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
  ],
  [
    GET.replace("GET", "HEAD"),
    [":status", "200"],
    null,
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
  ],
  [
    GET.replace("GET", "HEAD"),
    [":status", "200", "content-length", "9"],
    null,
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
  ],
  [
    GET.replace("1.1", "1.0"),
    [":status", "200"],
    "hi",
    "HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nhi",
  ],
  ["CONNECT h:1 HTTP/1.1\r\n\r\n", [":status", "200"], "raw", "HTTP/1.1 200 OK\r\n\r\nraw"],
];

for (const [request, headers, body, written] of RESPONSES) {
  test(`writes ${JSON.stringify(written)}`, () => {
    const server = new Server({ acceptHttp10: true });
    server.receive(request);
    server.encoder.encodeHeaders(map(...headers), body === null);
    if (body !== null) server.encoder.encodeData(bytes(body), true);
    assert.equal(server.sink.text, written);
  });
}

test("writes proper case and trailers when told so", () => {
  const server = new Server({
    headerKeyFormat: HeaderKeyFormat.ProperCaseWords,
    enableTrailers: true,
  });
  server.receive(GET);
  server.encoder.encodeHeaders(map(":status", "200", "x-request-id", "1"), false);
  server.encoder.encodeData(bytes("abc"), false);
  server.encoder.encodeTrailers(map("grpc-status", "0"));
  assert.equal(
    server.sink.text,
    "HTTP/1.1 200 OK\r\nX-Request-Id: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nGrpc-Status: 0\r\n\r\n",
  );
  assert.equal(properCase("a_b-c1d!e.f"), "A_B-C1d!E.F");
});

test("a pipelined request waits for the response before it, and reading pauses", async () => {
  const server = new Server();
  server.receive(`${GET}GET /2 HTTP/1.1\r\nHost: h\r\n\r\n`);
  assert.deepEqual(server.take(), ["stream", "headers GET / true"]);
  assert.equal(server.sink.pauses, 1);
  server.encoder.encodeHeaders(map(":status", "200"), true);
  assert.deepEqual(server.take(), ["done true"]);
  await Promise.resolve();
  assert.deepEqual(server.take(), ["stream", "headers GET /2 true"]);
  assert.equal(server.sink.pauses, 0);
});

test("a response before the request's end closes, and says so", () => {
  const server = new Server();
  server.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  server.encoder.encodeHeaders(map(":status", "200"), true);
  server.receive(`defghi${GET}`);
  assert.deepEqual(server.take(), [
    "stream",
    "headers POST / false",
    "data abc false",
    "done false",
  ]);
  assert.equal(
    server.sink.text,
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
  );
});

test("bytes after the last response's request are not read", () => {
  const server = new Server();
  server.receive(GET + GET);
  server.encoder.closeAfterResponse();
  server.encoder.encodeHeaders(map(":status", "200"), true);
  server.receive(GET);
  assert.deepEqual(server.take(), ["stream", "headers GET / true", "done false"]);
});

test("an upgraded connection is raw both ways", () => {
  const server = new Server();
  server.receive("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly");
  server.encoder.encodeHeaders(
    map(":status", "101", "connection", "upgrade", "upgrade", "x"),
    false,
  );
  server.encoder.encodeData(bytes("out"), false);
  server.receive("late");
  server.codec.onHalfClose();
  assert.deepEqual(server.take(), [
    "stream",
    "headers GET / false",
    "data early false",
    "data late false",
    "data  true",
  ]);
  assert.equal(
    server.sink.text,
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nout",
  );
});

test("a long chunk is passed on without copying, and its buffer kept", () => {
  const server = new Server();
  server.receive(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n${"a".repeat(5000)}`);
  assert.equal(server.sink.kept, 1);
});

test("the peer's leaving resets the stream once", () => {
  const server = new Server();
  server.receive("GET / HT");
  server.codec.onClose();
  server.codec.onClose();
  assert.deepEqual(server.take(), ["stream", "reset 5"]);
});

class Client {
  readonly sink = new Sink();
  readonly calls: string[] = [];
  readonly codec = new Http1ClientCodec(
    this.sink,
    {
      onStreamDone: (keepAlive) => void this.calls.push(`done ${keepAlive}`),
      onProtocolError: (details) => void this.calls.push(`protocol error ${details}`),
    },
    DEFAULT_CLIENT_OPTIONS,
    null,
  );
  readonly decoder: ResponseDecoder = {
    decode1xxHeaders: (headers) => void this.calls.push(`1xx ${headers.get(":status")}`),
    decodeHeaders: (headers, endStream) =>
      void this.calls.push(`headers ${headers.get(":status")} ${endStream}`),
    decodeData: (chunk, endStream) =>
      void this.calls.push(`data ${Buffer.from(chunk).toString("latin1")} ${endStream}`),
    decodeTrailers: (trailers) => void this.calls.push(`trailers ${trailers.size}`),
    onReset: (reason, details) => void this.calls.push(`reset ${reason} ${details}`),
    onAboveWriteBufferHighWatermark: () => {},
    onBelowWriteBufferLowWatermark: () => {},
  };

  receive(text: string): void {
    const buffer = bytes(text);
    this.codec.onBytes(buffer, 0, buffer.length);
  }
}

/** [method, more headers, body or null, what is written]. */
const REQUESTS: [string, string[], string | null, string][] = [
  ["GET", [], null, "GET /p HTTP/1.1\r\nhost: h\r\n\r\n"],
  ["POST", [], null, "POST /p HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"],
  ["OPTIONS", [], null, "OPTIONS /p HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"],
  [
    "POST",
    ["content-length", "2"],
    "hi",
    "POST /p HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi",
  ],
  [
    "PUT",
    [],
    "hi",
    "PUT /p HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
  ],
  ["CONNECT", [], "hi", "CONNECT h HTTP/1.1\r\nhost: h\r\n\r\nhi"],
  [
    "GET",
    ["connection", "upgrade", "upgrade", "x"],
    "hi",
    "GET /p HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhi",
  ],
];

for (const [method, headers, body, written] of REQUESTS) {
  test(`writes ${JSON.stringify(written)}`, () => {
    const client = new Client();
    const encoder = client.codec.newStream(client.decoder);
    const request = map(
      ":authority",
      "h",
      ":path",
      "/p",
      ":method",
      method,
      ":scheme",
      "http",
      ...headers,
    );
    encoder.encodeHeaders(request, body === null);
    if (body !== null) encoder.encodeData(bytes(body), true);
    assert.equal(client.sink.text, written);
  });
}

test("bytes after a response never reach the next request", () => {
  const client = new Client();
  client.codec.newStream(client.decoder).encodeHeaders(map(":method", "GET", ":path", "/"), true);
  client.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n");
  assert.deepEqual(client.calls, ["headers 200 false", "data hi true", "done false"]);
});

test("a response before the request's end ends the connection", () => {
  const client = new Client();
  const encoder = client.codec.newStream(client.decoder);
  encoder.encodeHeaders(map(":method", "POST", ":path", "/"), false);
  client.receive("HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n");
  encoder.encodeData(bytes("late"), true);
  assert.deepEqual(client.calls, ["headers 413 true", "done false"]);
  assert.ok(!client.sink.text.includes("late"));
});

test("an upgraded response is raw until the peer closes", () => {
  const client = new Client();
  const encoder = client.codec.newStream(client.decoder);
  encoder.encodeHeaders(
    map(":method", "GET", ":path", "/", "connection", "upgrade", "upgrade", "x"),
    false,
  );
  client.receive("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nraw");
  encoder.encodeData(bytes("out"), false);
  client.codec.onHalfClose();
  assert.deepEqual(client.calls, [
    "headers 101 false",
    "data raw false",
    `reset ${ResetReason.ConnectionTermination} `,
  ]);
  assert.ok(client.sink.text.endsWith("\r\n\r\nout"));
});

test("bytes on an idle connection are a protocol error", () => {
  const client = new Client();
  client.receive("HTTP/1.1 408 X\r\n\r\n");
  assert.deepEqual(client.calls, ["protocol error http1.codec_error"]);
});
