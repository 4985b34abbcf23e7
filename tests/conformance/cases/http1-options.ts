/** Raw requests under options of the HTTP/1 codec and limits of the connection manager. */
import {
  answer,
  type CaseConfig,
  type ConformanceCase,
  exchange,
  get,
  originSaw,
  post,
  quiet,
  raw,
  rawAnswer,
  responses,
  send,
  text,
} from "../case.ts";

const option = (fields: string): CaseConfig => ({ hcm: `{http_protocol_options: {${fields}}}` });
const HTTP10 = option("accept_http_10: true, default_host_for_http_10: old.example");
const HTTP10_NO_HOST = option("accept_http_10: true");
const CHUNKED_LENGTH = option("allow_chunked_length: true");
const NO_ABSOLUTE = option("allow_absolute_url: false");
const CUSTOM_METHODS = option("allow_custom_methods: true");
const STREAM_ERROR: CaseConfig = {
  hcm: "{http_protocol_options: {override_stream_error_on_invalid_http_message: true}}",
};
const PROPER_CASE = option("header_key_format: {proper_case_words: {}}");
const TRAILERS: CaseConfig = {
  hcm: "{http_protocol_options: {enable_trailers: true}}",
  cluster: `{typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
    explicit_http_config: {http_protocol_options: {enable_trailers: true}}}}}`,
};
const SMALL: CaseConfig = {
  hcm: "{max_request_headers_kb: 1, common_http_protocol_options: {max_headers_count: 5}}",
};
const underscores = (action: string): CaseConfig => ({
  hcm: `{common_http_protocol_options: {headers_with_underscores_action: ${action}}}`,
});
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const WEBSOCKET: CaseConfig = { hcm: "{upgrade_configs: [{upgrade_type: websocket}]}" };
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
const SWITCH =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
const EXPECT = "Host: h.com\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";

export const cases: readonly ConformanceCase[] = [
  {
    name: "http1-options/HTTP 1.0 accepted",
    config: HTTP10,
    steps: raw("GET /x HTTP/1.0\r\nHost: h.com\r\n\r\n"),
  },
  {
    name: "http1-options/HTTP 1.0 without Host takes the default host",
    config: HTTP10,
    steps: raw("GET /x HTTP/1.0\r\n\r\n"),
  },
  {
    name: "http1-options/HTTP 1.0 with keep-alive",
    config: HTTP10,
    steps: raw("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
  },
  {
    name: "http1-options/HTTP 1.0 answer without length ends with the connection",
    config: HTTP10,
    origin: rawAnswer(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n3\r\nabc\r\n0\r\n\r\n`),
    steps: raw("GET /x HTTP/1.0\r\n\r\n"),
  },
  {
    name: "http1-options/HTTP 1.0 without Host or default",
    config: HTTP10_NO_HOST,
    steps: raw("GET /x HTTP/1.0\r\n\r\n"),
  },
  {
    name: "http1-options/HTTP 1.0 POST with length",
    config: HTTP10,
    steps: raw("POST /x HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"),
  },
  {
    name: "http1-options/HTTP 0.9 with HTTP 1.0 accepted",
    config: HTTP10,
    steps: raw("GET /x\r\n"),
  },
  {
    name: "http1-options/allow_chunked_length with both",
    config: CHUNKED_LENGTH,
    steps: raw(post("/", "3\r\nabc\r\n0\r\n\r\n", CHUNKED)),
  },
  {
    name: "http1-options/allow_chunked_length with length and identity",
    config: CHUNKED_LENGTH,
    steps: raw(post("/", "abc", "Transfer-Encoding: identity\r\n")),
  },
  {
    name: "http1-options/absolute URL refused when not allowed",
    config: NO_ABSOLUTE,
    steps: raw(get("http://other.com/x")),
  },
  {
    name: "http1-options/custom method",
    config: CUSTOM_METHODS,
    steps: raw(get("/", "", "BREW")),
  },
  {
    name: "http1-options/custom method in lower case",
    config: CUSTOM_METHODS,
    steps: raw("get / HTTP/1.1\r\nHost: h.com\r\n\r\n"),
  },
  {
    name: "http1-options/illegal method stays illegal",
    config: CUSTOM_METHODS,
    steps: raw("G(T / HTTP/1.1\r\nHost: h.com\r\n\r\n"),
  },
  {
    name: "http1-options/stream error keeps the connection after missing Host",
    config: STREAM_ERROR,
    steps: raw(`GET / HTTP/1.1\r\n\r\n${get("/second")}`),
  },
  {
    name: "http1-options/stream error and bad header value",
    config: STREAM_ERROR,
    steps: raw(`${get("/", "A: b\x01\r\n")}${get("/second")}`),
  },
  {
    name: "http1-options/stream error and HTTP 1.0",
    config: STREAM_ERROR,
    steps: raw(`GET / HTTP/1.0\r\nHost: h.com\r\n\r\n${get("/second")}`),
  },
  {
    name: "http1-options/proper case of response headers",
    config: PROPER_CASE,
    origin: answer(200, "x-some-header: 1\r\nETAG: y\r\n"),
    steps: exchange(get("/")),
  },
  {
    name: "http1-options/trailers enabled on both sides",
    config: TRAILERS,
    origin: rawAnswer(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n3\r\nabc\r\n0\r\nU: w\r\n\r\n`),
    steps: raw(`${get("/", CHUNKED, "POST")}3\r\nabc\r\n0\r\nT: v\r\nT: w\r\n\r\n`),
  },
  {
    name: "http1-options/trailers enabled, too many",
    isWarm: true,
    config: TRAILERS,
    steps: raw(`${get("/", CHUNKED, "POST")}0\r\n${"T: v\r\n".repeat(101)}\r\n`),
  },
  {
    name: "http1-options/trailers enabled, too large",
    isWarm: true,
    config: TRAILERS,
    steps: raw(`${get("/", CHUNKED, "POST")}0\r\nT: ${"v".repeat(62_000)}\r\n\r\n`),
  },
  {
    name: "http1-options/headers count at the limit",
    config: SMALL,
    steps: raw(get("/", "A: 1\r\n".repeat(4))),
  },
  {
    name: "http1-options/headers count over the limit",
    config: SMALL,
    steps: raw(get("/", "A: 1\r\n".repeat(5))),
  },
  {
    name: "http1-options/headers size under the limit",
    config: SMALL,
    steps: raw(get("/", `A: ${"v".repeat(900)}\r\n`)),
  },
  {
    name: "http1-options/headers size over the limit",
    config: SMALL,
    steps: raw(get("/", `A: ${"v".repeat(1100)}\r\n`)),
  },
  {
    name: "http1-options/path over the header limit",
    config: SMALL,
    steps: raw(get(`/${"p".repeat(1100)}`)),
  },
  {
    name: "http1-options/header limit with a body behind",
    config: SMALL,
    steps: raw(post("/", "x".repeat(5000), `A: ${"v".repeat(1100)}\r\n`)),
  },
  {
    name: "http1-options/underscore allowed",
    config: underscores("ALLOW"),
    stats: /underscores/,
    steps: raw(get("/", "a_b: c\r\nd: e\r\n")),
  },
  {
    name: "http1-options/underscore rejects the request",
    config: underscores("REJECT_REQUEST"),
    steps: raw(get("/", "a_b: c\r\nd: e\r\n")),
  },
  {
    name: "http1-options/underscore drops the header",
    config: underscores("DROP_HEADER"),
    steps: raw(get("/", "a_b: c\r\nd: e\r\n_: x\r\n")),
  },
  {
    name: "http1-options/Expect answered before the body comes",
    steps: [send(`POST / HTTP/1.1\r\n${EXPECT}`), text("100 Continue"), send("abc"), responses(1)],
  },
  {
    name: "http1-options/Expect forwarded with proxy_100_continue",
    config: { hcm: "{proxy_100_continue: true}" },
    origin: {
      when: "headers",
      pieces: [
        "HTTP/1.1 100 Continue\r\n\r\n",
        { pauseMs: 100 },
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      ],
    },
    steps: [send(`POST / HTTP/1.1\r\n${EXPECT}`), text("100 Continue"), send("abc"), responses(1)],
  },
  {
    name: "http1-options/other expectation",
    steps: raw(post("/", "abc", "Expect: something\r\n")),
  },
  {
    name: "http1-options/upgrade refused when not configured",
    stats: /ws_on_non_ws/,
    steps: raw(get("/", UPGRADE)),
  },
  {
    name: "http1-options/upgrade to websocket, bytes both ways",
    config: WEBSOCKET,
    origin: rawAnswer(SWITCH, "echo"),
    steps: [send(get("/ws", UPGRADE)), text("\r\n\r\n"), send("ping"), text("ping"), quiet()],
  },
  {
    name: "http1-options/upgrade refused by the origin",
    config: WEBSOCKET,
    origin: answer(403, "", "no"),
    steps: raw(get("/ws", UPGRADE)),
  },
  {
    name: "http1-options/upgrade answered 200",
    config: WEBSOCKET,
    steps: raw(get("/ws", UPGRADE)),
  },
  {
    name: "http1-options/upgrade, origin ends the tunnel",
    config: WEBSOCKET,
    origin: rawAnswer(`${SWITCH}bye`, "close"),
    steps: raw(get("/ws", UPGRADE)),
  },
  {
    name: "http1-options/upgrade to another protocol",
    config: WEBSOCKET,
    steps: raw(get("/", "Connection: Upgrade\r\nUpgrade: other\r\n")),
  },
  {
    name: "http1-options/upgrade enabled on the route only",
    config: {
      routes: `[{match: {prefix: /ws}, route: {cluster: "$CLUSTER", upgrade_configs: [{upgrade_type: websocket}]}},
               {match: {prefix: /}, route: {cluster: "$CLUSTER"}}]`,
    },
    origin: rawAnswer(SWITCH, "echo"),
    steps: [send(get("/ws", UPGRADE)), text("\r\n\r\n"), send("ping"), text("ping"), quiet()],
  },
  {
    name: "http1-options/upgrade disabled on the route",
    config: {
      ...WEBSOCKET,
      routes: `[{match: {prefix: /}, route: {cluster: "$CLUSTER", upgrade_configs: [{upgrade_type: websocket, enabled: false}]}}]`,
    },
    steps: raw(get("/", UPGRADE)),
  },
  {
    name: "http1-options/pipelined requests answered in order by a slow origin",
    origin: (_request, index) =>
      rawAnswer(
        { pauseMs: index === 0 ? 100 : 0 },
        `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${index}`,
      ),
    steps: [send(get("/0") + get("/1") + get("/2")), responses(3)],
  },
  {
    name: "http1-options/pipelined behind a close",
    steps: raw(get("/0", "Connection: close\r\n") + get("/1")),
  },
  {
    name: "http1-options/request in single bytes",
    steps: [
      ...[..."GET /slow HTTP/1.1\r\nHost: h.com\r\nA: b\r\n\r\n"].map((c) => send(c)),
      responses(1),
    ],
  },
  {
    name: "http1-options/chunked body in pieces",
    steps: [
      send(get("/", CHUNKED, "POST")),
      originSaw(1),
      send("3\r"),
      send("\nab"),
      send("c\r\n0\r\n"),
      send("\r\n"),
      responses(1),
    ],
  },
  {
    name: "http1-options/bad chunk after the request was forwarded",
    stats: /downstream_cx_protocol_error|upstream_rq_tx_reset|downstream_rq_(4xx|5xx|total)$/,
    steps: [
      send(get("/", CHUNKED, "POST")),
      originSaw(1),
      send("3\r\nabc\r\n"),
      send("zz\r\n"),
      quiet(),
    ],
  },
  {
    name: "http1-options/codec AUTO serves HTTP 1",
    config: { hcm: "{codec_type: AUTO}" },
    steps: raw(get("/")),
  },
  {
    name: "http1-options/max_requests_per_connection",
    config: { hcm: "{common_http_protocol_options: {max_requests_per_connection: 2}}" },
    stats: /downstream_cx_max_requests_reached/,
    steps: [...exchange(get("/1"), get("/2")), quiet()],
  },
];
