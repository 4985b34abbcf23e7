/** The server codec makes of each raw input what the real Envoy makes of it, however it is split. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type {
  RequestDecoder,
  ResponseEncoder,
  ServerCodecCallbacks,
} from "../../../packages/proxy/src/http/codec.ts";
import {
  DEFAULT_SERVER_OPTIONS,
  type Http1ServerOptions,
} from "../../../packages/proxy/src/http/codecs/http1/options.ts";
import { Http1ServerCodec } from "../../../packages/proxy/src/http/codecs/http1/server-codec.ts";
import { HeaderMap } from "../../../packages/proxy/src/http/header-map.ts";
import { INPUTS } from "./inputs.ts";

interface Outcomes {
  readonly name: string;
  readonly options: Partial<Http1ServerOptions>;
  /** Per input: `code details` of each request, and the answers with what a filter saw as bodies. */
  readonly rows: Readonly<Record<string, readonly [readonly string[], string]>>;
}

const OUTCOMES = JSON.parse(
  readFileSync(new URL("outcomes.json", import.meta.url), "utf8"),
) as Outcomes[];

/** What the connection manager takes away before any filter sees the headers. */
const REMOVED = new Set([
  "connection",
  "upgrade",
  "transfer-encoding",
  "expect",
  "proxy-connection",
]);

/** Answers every complete request with 200, and notes what it was. */
class Recorder implements ServerCodecCallbacks {
  readonly seen: string[] = [];
  closed = false;

  newStream(encoder: ResponseEncoder): RequestDecoder {
    return new Stream(this, encoder);
  }
  onStreamDone(keepAlive: boolean): void {
    if (!keepAlive) this.closed = true;
  }
}

class Stream implements RequestDecoder {
  private readonly recorder: Recorder;
  private readonly encoder: ResponseEncoder;
  private dump = "";
  private body: string | null = null;
  private trailers: string | null = null;
  private mustClose = false;

  constructor(recorder: Recorder, encoder: ResponseEncoder) {
    this.recorder = recorder;
    this.encoder = encoder;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): void {
    for (const [name, value] of headers.entries()) {
      if (!REMOVED.has(name) && value.length < 500) this.dump += `${name}=${value}|`;
    }
    this.mustClose =
      /close/i.test(headers.get("connection") ?? "") ||
      /close/i.test(headers.get("proxy-connection") ?? "");
    if (endStream) this.end();
    else this.body = "";
  }
  decodeData(chunk: Uint8Array, endStream: boolean): void {
    this.body += Buffer.from(chunk).toString("latin1");
    if (endStream) this.end();
  }
  decodeTrailers(trailers: HeaderMap): void {
    this.trailers = "";
    for (const [name, value] of trailers.entries()) this.trailers += `trailer ${name}=${value}|`;
    this.end();
  }
  onCodecError(code: number, _body: string, details: string): void {
    this.recorder.seen.push(`${code} ${details}`);
    if (code !== 0) this.answer(code);
  }
  onReset(): void {}

  private end(): void {
    const body =
      this.body === null || (this.trailers !== null && this.body === "")
        ? ""
        : `body=${this.body}|`;
    this.recorder.seen.push(`200 ${this.dump}${body}${this.trailers ?? ""}`);
    if (this.mustClose) this.encoder.closeAfterResponse();
    this.answer(200);
  }
  private answer(code: number): void {
    const headers = new HeaderMap();
    headers.append(":status", String(code));
    this.encoder.encodeHeaders(headers, true);
  }
}

const SINK = { write() {}, writeBytes() {}, keepReadBuffer() {}, readDisable() {} };

function feed(raw: string, options: Http1ServerOptions, cuts: readonly number[]): string[] {
  const recorder = new Recorder();
  const codec = new Http1ServerCodec(SINK, recorder, options, null);
  const bytes = Buffer.from(raw, "latin1");
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    // Borrowed bytes: what is not copied is lost.
    const borrowed = Buffer.from(bytes.subarray(start, end));
    codec.onBytes(borrowed, 0, borrowed.length);
    borrowed.fill(0x23);
    start = end;
  }
  return recorder.seen;
}

function expectedOf(row: readonly [readonly string[], string]): (string | null)[] {
  const bodies = row[1]
    .split(" // ")
    .filter((answer) => !answer.startsWith("HTTP/1.1 100"))
    .map((answer) => JSON.parse(answer.slice(answer.indexOf('"'))) as string);
  const expected: (string | null)[] = [];
  row[0].forEach((logged, i) => {
    const [code, details] = logged.split(" ") as [string, string];
    if (details === "downstream_remote_disconnect") return;
    if (/^http1?\.|^codec_error/.test(details)) expected.push(`${code} ${details}`);
    else if (details === "lua_response" && row[1] !== "" && bodies[i] !== "")
      expected.push(`200 ${bodies[i]}`);
    else expected.push(null);
  });
  return expected;
}

/** Inputs that Envoy answers by its connection manager's rules, after the codec let them pass. */
for (const { name, options, rows } of OUTCOMES) {
  const all = { ...DEFAULT_SERVER_OPTIONS, ...options };
  const inputs = INPUTS.filter(([input]) => rows[input] !== undefined || name === "default");
  test(`as Envoy: ${name}`, () => {
    const wrong: string[] = [];
    for (const [input, raw] of inputs) {
      const expected = expectedOf(rows[input]!);
      const seen = feed(raw, all, []);
      const fits = expected.every((text, i) =>
        text === null ? !/^\d+ http1?\./.test(seen[i] ?? "") : seen[i] === text,
      );
      // A default host is given by the connection manager, behind the other pseudo headers.
      if (fits || (input.startsWith("no version") && all.acceptHttp10)) continue;
      wrong.push(`${input}: ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
    }
    assert.deepEqual(wrong, []);
  });
}

test("splits change nothing", () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  for (const options of [
    DEFAULT_SERVER_OPTIONS,
    { ...DEFAULT_SERVER_OPTIONS, enableTrailers: true },
  ]) {
    for (const [input, raw] of INPUTS) {
      // Responses of one event are counted, so pipelining depends on events, as in Envoy.
      if (input.startsWith("pipelined")) continue;
      const whole = feed(raw, options, []);
      if (raw.length < 3000) {
        const bytes = Array.from({ length: raw.length - 1 }, (_, i) => i + 1);
        assert.deepEqual(feed(raw, options, bytes), whole, `${input} byte by byte`);
      }
      for (let round = 0; round < 5; round++) {
        const cuts = Array.from({ length: 1 + random(4) }, () => random(raw.length)).sort(
          (a, b) => a - b,
        );
        assert.deepEqual(feed(raw, options, cuts), whole, `${input} at ${cuts}`);
      }
    }
  }
});

test("damaged inputs are taken the same way however they are split", () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  const pieces = [
    "\r",
    "\n",
    "\r\n",
    " ",
    "\t",
    ":",
    "\0",
    "\x7f",
    "0",
    "a",
    ";",
    ",",
    "\xff",
    "_",
  ];
  const short = INPUTS.filter(([name, raw]) => raw.length < 400 && !name.startsWith("pipelined"));
  for (let round = 0; round < 4000; round++) {
    const raw = short[random(short.length)]![1];
    const at = random(raw.length);
    const damaged = raw.slice(0, at) + pieces[random(pieces.length)] + raw.slice(at + random(3));
    const whole = feed(damaged, DEFAULT_SERVER_OPTIONS, []);
    // Two responses in one event make a third request a flood.
    if (whole.some((line) => line.includes("Too_many"))) continue;
    const cuts = Array.from({ length: damaged.length - 1 }, (_, i) => i + 1);
    assert.deepEqual(feed(damaged, DEFAULT_SERVER_OPTIONS, cuts), whole, JSON.stringify(damaged));
  }
});
