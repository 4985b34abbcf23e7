/** Nanoseconds per request of the HTTP/1 codecs: parse and encode, downstream and upstream, apart. */
import type {
  RequestDecoder,
  ResponseDecoder,
  ResponseEncoder,
} from "../../packages/proxy/src/http/codec.ts";
import { Http1ClientCodec } from "../../packages/proxy/src/http/codecs/http1/client-codec.ts";
import {
  DEFAULT_CLIENT_OPTIONS,
  DEFAULT_SERVER_OPTIONS,
} from "../../packages/proxy/src/http/codecs/http1/options.ts";
import { Http1ServerCodec } from "../../packages/proxy/src/http/codecs/http1/server-codec.ts";
import type { HeaderMap } from "../../packages/proxy/src/http/header-map.ts";

/** Joins like a connection, and flattens the text as a socket does. */
class Sink {
  text = "";
  readonly out = Buffer.alloc(65_536);
  write(text: string): void {
    this.text += text;
  }
  writeBytes(chunk: Uint8Array): void {
    this.text += Buffer.from(chunk).toString("latin1");
  }
  keepReadBuffer(): void {}
  readDisable(): void {}
  flush(): number {
    const written = this.out.write(this.text, 0, "latin1");
    this.text = "";
    return written;
  }
}

const sink = new Sink();
let encoder: ResponseEncoder | null = null;
let request: HeaderMap | null = null;
let response: HeaderMap | null = null;
const BODY = Buffer.from("hello world\n");
const requestDecoder: RequestDecoder = {
  decodeHeaders(headers) {
    request = headers;
  },
  decodeData() {},
  decodeTrailers() {},
  onCodecError(_code, _body, details) {
    throw new Error(details);
  },
  onReset() {},
};
const responseDecoder: ResponseDecoder = {
  decode1xxHeaders() {},
  decodeHeaders(headers) {
    response = headers;
  },
  decodeData() {},
  decodeTrailers() {},
  onReset(_reason, details) {
    throw new Error(details);
  },
  onAboveWriteBufferHighWatermark() {},
  onBelowWriteBufferLowWatermark() {},
};
const server = new Http1ServerCodec(
  sink,
  {
    newStream(made) {
      encoder = made;
      return requestDecoder;
    },
    onStreamDone() {},
  },
  DEFAULT_SERVER_OPTIONS,
  null,
);
const client = new Http1ClientCodec(
  sink,
  { onStreamDone() {}, onProtocolError() {} },
  DEFAULT_CLIENT_OPTIONS,
  null,
);

/** Different ids and paths, as real requests have, so that no cache of whole texts could help. */
const REQUESTS: Buffer[] = [];
const RESPONSES: Buffer[] = [];
for (let i = 0; i < 512; i++) {
  REQUESTS.push(
    Buffer.from(
      `GET /api/v1/users/${1000 + i}?page=2 HTTP/1.1\r\nHost: service.example.com:8080\r\n` +
        "User-Agent: curl/8.5.0\r\nAccept: application/json\r\nAccept-Encoding: gzip, br\r\n" +
        `X-Request-Id: 6f1c2a44-97f5-4a5e-8b6e-${100_000_000_000 + i}\r\nContent-Type: application/json\r\n\r\n`,
    ),
  );
  RESPONSES.push(
    Buffer.from(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n" +
        `Date: Mon, 01 Jan 2026 00:00:00 GMT\r\nEtag: "${100_000 + i}"\r\n` +
        "Server: origin\r\nCache-Control: no-cache\r\n\r\nhello world\n",
    ),
  );
}

const TURNS = 200_000;
const totals = { parseRequest: 0n, writeRequest: 0n, parseResponse: 0n, writeResponse: 0n };
const now = process.hrtime.bigint;
const DECIDE = 64;

/** Batches of one phase each would need many codecs; so the clock is read around phases and its cost taken off. */
function clockCost(): bigint {
  const start = now();
  for (let i = 0; i < 100_000; i++) now();
  return (now() - start) / 100_000n;
}

function turn(i: number, isTimed: boolean): void {
  const requestBytes = REQUESTS[i & 511]!;
  const responseBytes = RESPONSES[i & 511]!;
  const t0 = isTimed ? now() : 0n;
  server.onBytes(requestBytes, 0, requestBytes.length);
  const t1 = isTimed ? now() : 0n;
  client.newStream(responseDecoder).encodeHeaders(request!, true);
  sink.flush();
  const t2 = isTimed ? now() : 0n;
  client.onBytes(responseBytes, 0, responseBytes.length);
  const t3 = isTimed ? now() : 0n;
  encoder!.encodeHeaders(response!, false);
  encoder!.encodeData(BODY, true);
  sink.flush();
  if (!isTimed) return;
  const t4 = now();
  totals.parseRequest += t1 - t0;
  totals.writeRequest += t2 - t1;
  totals.parseResponse += t3 - t2;
  totals.writeResponse += t4 - t3;
}

for (let i = 0; i < TURNS; i++) turn(i, i % DECIDE === 0);
totals.parseRequest = 0n;
totals.writeRequest = 0n;
totals.parseResponse = 0n;
totals.writeResponse = 0n;
const start = now();
for (let i = 0; i < TURNS; i++) turn(i, false);
const perTurn = Number(now() - start) / TURNS;
for (let i = 0; i < TURNS; i++) turn(i, true);
const cost = Number(clockCost());
for (const [name, total] of Object.entries(totals)) {
  console.log(`${name.padEnd(14)} ${(Number(total) / TURNS - cost).toFixed(0)} ns`);
}
console.log(`all four       ${perTurn.toFixed(0)} ns per request`);
