/** The client codec makes of each raw response what the real Envoy makes of it, however it is split. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ResetReason, type ResponseDecoder } from "../../../packages/proxy/src/http/codec.ts";
import { Http1ClientCodec } from "../../../packages/proxy/src/http/codecs/http1/client-codec.ts";
import { DEFAULT_CLIENT_OPTIONS } from "../../../packages/proxy/src/http/codecs/http1/options.ts";
import { HeaderMap } from "../../../packages/proxy/src/http/header-map.ts";
import { RESPONSES } from "./responses.ts";

type Row = readonly [name: string, logged: string, answer: string, isReused: boolean];
const OUTCOMES = JSON.parse(
  readFileSync(new URL("response-outcomes.json", import.meta.url), "utf8"),
) as Row[];
const SINK = { write() {}, writeBytes() {}, keepReadBuffer() {}, readDisable() {} };

class Recorder implements ResponseDecoder {
  logged = "";
  status = "";
  body = "";
  isComplete = false;
  keepAlive: boolean | null = null;

  decode1xxHeaders(): void {}
  decodeHeaders(headers: HeaderMap, endStream: boolean): void {
    this.status = headers.get(":status")!;
    if (endStream) this.end();
  }
  decodeData(chunk: Uint8Array, endStream: boolean): void {
    this.body += Buffer.from(chunk).toString("latin1");
    if (endStream) this.end();
  }
  decodeTrailers(): void {
    this.end();
  }
  onReset(reason: ResetReason): void {
    const when = this.status === "" ? "before" : "after";
    const text = reason === ResetReason.ProtocolError ? "protocol_error" : "connection_termination";
    const code = this.status || (reason === ResetReason.ProtocolError ? "502" : "503");
    this.logged = `${code} upstream_reset_${when}_response_started{${text}}`;
  }
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}
  private end(): void {
    this.isComplete = true;
    this.logged = `${this.status} via_upstream`;
  }
}

function feed(bytes: Buffer, method: string, closes: boolean, cuts: readonly number[]): Recorder {
  const recorder = new Recorder();
  const codec = new Http1ClientCodec(
    SINK,
    {
      onStreamDone(keepAlive) {
        recorder.keepAlive = keepAlive;
      },
      onProtocolError() {
        recorder.keepAlive = false;
      },
    },
    DEFAULT_CLIENT_OPTIONS,
    null,
  );
  const request = new HeaderMap();
  request.replaceAll([":authority", "h", ":path", "/", ":method", method]);
  codec.newStream(recorder).encodeHeaders(request, true);
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    const borrowed = Buffer.from(bytes.subarray(start, end));
    if (end > start) codec.onBytes(borrowed, 0, borrowed.length);
    borrowed.fill(0x23);
    start = end;
  }
  if (closes) {
    codec.onHalfClose();
    recorder.keepAlive = false;
  }
  return recorder;
}

test("as Envoy", () => {
  assert.equal(OUTCOMES.length, RESPONSES.length);
  const wrong: string[] = [];
  RESPONSES.forEach(([name, text, method = "GET", closes = false], i) => {
    const [outcomeName, logged, answer, isReused] = OUTCOMES[i]!;
    assert.equal(outcomeName, name);
    const seen = feed(Buffer.from(text, "latin1"), method, closes, []);
    const isReset = seen.logged.includes("upstream_reset");
    let body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    if (body.startsWith("3\r\nabc\r\n")) body = "abc";
    if (body === "0\r\n\r\n") body = "";
    if (logged !== seen.logged) wrong.push(`${name}: ${seen.logged} instead of ${logged}`);
    else if (!isReset && answer !== "" && seen.body !== body)
      wrong.push(`${name}: body ${seen.body}`);
    else if (!isReset && seen.keepAlive !== isReused)
      wrong.push(`${name}: keepAlive ${seen.keepAlive}`);
  });
  assert.deepEqual(wrong, []);
});

test("splits change nothing but what is known of bytes after the response", () => {
  for (const [name, text, method = "GET", closes = false] of RESPONSES) {
    const bytes = Buffer.from(text, "latin1");
    if (bytes.length > 3000) continue;
    const whole = feed(bytes, method, closes, []);
    const cuts = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => i + 1);
    const split = feed(bytes, method, closes, cuts);
    assert.deepEqual([split.logged, split.body], [whole.logged, whole.body], name);
    // A later byte is a protocol error of the idle connection: it is not used again either.
    assert.equal(split.keepAlive, whole.keepAlive, name);
  }
});
