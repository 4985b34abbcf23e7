/** What the proxy makes of origins that answer early, late, in part, or not at all. */
import {
  abort,
  answer,
  type ConformanceCase,
  closed,
  end,
  exchange,
  get,
  originClosed,
  originSaw,
  pause,
  post,
  quiet,
  rawAnswer,
  responses,
  SILENT,
  send,
  text,
} from "../case.ts";

const BIG = "x".repeat(300_000);
const RESETS = /upstream_cx_destroy|upstream_rq_(rx|tx)_reset|upstream_rq_(total|5xx|cancelled)$/;

export const cases: readonly ConformanceCase[] = [
  {
    name: "upstream/nobody listens",
    config: {
      cluster:
        "{load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: $DEAD_PORT}}}}]}]}}",
    },
    stats: /upstream_(cx_connect_fail|cx_total|rq_total|rq_pending_failure_eject|rq_5xx)$/,
    steps: exchange(get("/")),
  },
  {
    name: "upstream/no endpoints",
    config: { cluster: "{load_assignment: {endpoints: []}}" },
    stats: /upstream_cx_none_healthy|upstream_rq_(total|503|5xx)$/,
    steps: exchange(get("/")),
  },
  {
    name: "upstream/closes without an answer",
    origin: rawAnswer("close"),
    stats: RESETS,
    steps: exchange(get("/")),
  },
  {
    name: "upstream/resets without an answer",
    origin: rawAnswer("reset"),
    steps: exchange(get("/")),
  },
  {
    name: "upstream/closes in the middle of the head",
    origin: rawAnswer("HTTP/1.1 200 OK\r\nA: ", "close"),
    steps: exchange(get("/")),
  },
  {
    name: "upstream/dies in mid-body of known length",
    origin: rawAnswer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", { pauseMs: 50 }, "close"),
    stats: RESETS,
    steps: [send(get("/")), closed()],
  },
  {
    name: "upstream/dies in mid-body of chunks",
    origin: rawAnswer(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      { pauseMs: 50 },
      "close",
    ),
    steps: [send(get("/")), closed()],
  },
  {
    name: "upstream/bad chunk in mid-body",
    origin: rawAnswer(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      { pauseMs: 50 },
      "zz\r\n",
    ),
    stats: /upstream_cx_protocol_error|upstream_rq_rx_reset/,
    steps: [send(get("/")), closed()],
  },
  {
    name: "upstream/body ends with the connection",
    origin: rawAnswer("HTTP/1.1 200 OK\r\n\r\nabc", { pauseMs: 50 }, "def", "close"),
    steps: exchange(get("/"), get("/second")).slice(0, 2),
  },
  {
    name: "upstream/large body with length",
    origin: answer(200, "", BIG),
    steps: exchange(get("/")),
  },
  {
    name: "upstream/large request body",
    steps: exchange(post("/", BIG)),
  },
  {
    name: "upstream/empty chunked body",
    origin: rawAnswer(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    steps: exchange(get("/")),
  },
  {
    name: "upstream/early complete answer while the request goes on",
    origin: { when: "headers", pieces: ["HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"] },
    stats: /downstream_rq_response_before_rq_complete|downstream_cx_destroy/,
    steps: [send(get("/", "Content-Length: 100\r\n", "POST")), responses(1), quiet()],
  },
  {
    name: "upstream/early answer, then the client sends the rest",
    origin: { when: "headers", pieces: ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"] },
    steps: [
      send(get("/", "Content-Length: 3\r\n", "POST")),
      responses(1),
      send(`abc${get("/next")}`),
      quiet(),
    ],
  },
  {
    name: "upstream/early head, body after the request",
    origin: {
      when: "headers",
      pieces: ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", { pauseMs: 150 }, "late"],
    },
    steps: [
      send(get("/", "Content-Length: 3\r\n", "POST")),
      text("\r\n\r\n"),
      send("abc"),
      responses(1),
      quiet(),
    ],
  },
  {
    name: "upstream/several 1xx before the answer",
    origin: rawAnswer(
      "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ),
    stats: /upstream_rq_1/,
    steps: exchange(get("/")),
  },
  {
    name: "upstream/100 Continue unasked",
    origin: rawAnswer(
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ),
    steps: exchange(post("/", "abc")),
  },
  {
    name: "upstream/Connection close is honoured, next request on a new connection",
    origin: answer(200, "Connection: close\r\n"),
    stats: /upstream_cx_total/,
    steps: exchange(get("/1"), get("/2")),
  },
  {
    name: "upstream/one connection serves request after request",
    config: { hcm: "{stat_prefix: reuse-$ID}" },
    stats: /upstream_cx_(total|http1_total)$|upstream_rq_(total|2xx|200)$/,
    steps: exchange(get("/1"), get("/2"), get("/3")),
  },
  {
    name: "upstream/max_requests_per_connection of the cluster",
    config: {
      cluster: `{typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
        common_http_protocol_options: {max_requests_per_connection: 1},
        explicit_http_config: {http_protocol_options: {}}}}}`,
    },
    stats: /upstream_cx_(total|max_requests)$/,
    steps: exchange(get("/1"), get("/2")),
  },
  {
    name: "upstream/client leaves before the answer",
    origin: SILENT,
    stats: /downstream_(rq_rx_reset|cx_destroy_remote_active_rq)|upstream_rq_(cancelled|tx_reset)/,
    steps: [send(get("/")), originSaw(1), abort(), originClosed(1)],
  },
  {
    name: "upstream/client half-closes before the answer",
    origin: rawAnswer({ pauseMs: 200 }, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    steps: [send(get("/")), originSaw(1), end(), closed()],
  },
  {
    name: "upstream/client half-closes in mid-request",
    steps: [
      send(get("/", "Content-Length: 10\r\n", "POST")),
      send("abc"),
      originSaw(1),
      end(),
      closed(),
    ],
  },
  {
    name: "upstream/client leaves in mid-response",
    origin: rawAnswer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
    steps: [send(get("/")), text("abc"), abort(), originClosed(1)],
  },
  {
    name: "upstream/response headers over the limit of the cluster",
    config: {
      cluster: `{typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
        common_http_protocol_options: {max_headers_count: 3},
        explicit_http_config: {http_protocol_options: {}}}}}`,
    },
    origin: answer(200, "A: 1\r\nB: 2\r\nC: 3\r\n"),
    steps: exchange(get("/")),
  },
  {
    name: "upstream/bytes on an idle connection do not disturb the next request",
    origin: (_request, index) =>
      index === 0
        ? rawAnswer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", { pauseMs: 30 }, "stray")
        : answer(200),
    steps: [send(get("/1")), responses(1), pause(150), send(get("/2")), responses(2)],
  },
  {
    name: "upstream/idle connection closed by the origin is replaced",
    origin: (_request, index) =>
      index === 0
        ? rawAnswer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", { pauseMs: 30 }, "close")
        : answer(200),
    stats: /upstream_cx_total/,
    steps: [send(get("/1")), responses(1), pause(150), send(get("/2")), responses(2)],
  },
  {
    name: "upstream/slow body arrives in pieces",
    origin: rawAnswer(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
      { pauseMs: 60 },
      "1\r\nb\r\n",
      { pauseMs: 60 },
      "0\r\n\r\n",
    ),
    steps: exchange(get("/")),
  },
];
