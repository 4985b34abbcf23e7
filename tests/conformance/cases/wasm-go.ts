/** Go plugins (tests/plugins/go): the same modules in both proxies. */
import {
  abort,
  type CaseConfig,
  type ConformanceCase,
  exchange,
  get,
  type OriginAnswer,
  originSaw,
  post,
  quiet,
  send,
} from "../case.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm";
const LINES = /wasm log /;

interface PluginOptions {
  readonly configuration?: string;
  /** Further fields of PluginConfig. */
  readonly plugin?: string;
  /** Further fields of VmConfig. */
  readonly vm?: string;
  /** Makes a listener of its own. */
  readonly mark?: string;
}

const filter = (name: string, options: PluginOptions = {}): string => {
  const { configuration = "", plugin = "", vm = "", mark = "" } = options;
  return `{name: wasm-${name}${mark}, typed_config: {"@type": ${TYPE}, config: {
    name: "$ID", root_id: "root-${name}", ${plugin}
    configuration: {"@type": type.googleapis.com/google.protobuf.StringValue, value: "${configuration}"},
    vm_config: {vm_id: "vm-$ID", runtime: envoy.wasm.runtime.v8, ${vm}
      code: {local: {filename: "$ROOT/.cache/plugins/go/${name}.wasm"}}}}}}`;
};

const plugin = (name: string, options: PluginOptions = {}): CaseConfig => ({
  filters: `[${filter(name, options)}]`,
});

const CHUNKED = "Transfer-Encoding: chunked\r\n";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const answer = (...pieces: OriginAnswer["pieces"]): OriginAnswer => ({ pieces });
const CHUNKED_ANSWER = answer(
  `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n${chunk("one")}`,
  { pauseMs: 40 },
  `${chunk("two")}`,
  { pauseMs: 40 },
  "0\r\n\r\n",
);
const DATE = [/(date: |x-envoy-upstream-service-time: )[^"]*/g, "$1<any>"] as const;
const REQUEST_ID = [/x-request-id: [0-9a-f-]+/, "x-request-id: <any>"] as const;
const varying = [DATE, REQUEST_ID];

/** One request in pieces, so that the plugin sees several body callbacks. */
const slowPost = (headers: string) => [
  send(get("/slow", `${CHUNKED}${headers}`, "POST")),
  quiet(60),
  send(chunk("hello ")),
  quiet(60),
  send(chunk("world")),
  quiet(60),
  send("0\r\n\r\n"),
  quiet(),
];

const headers = plugin("headers");
const headerCases: ConformanceCase[] = [
  ["plain", get("/a"), undefined],
  [
    "several values",
    get("/a", "X-Multi: 1\r\nX-Multi: 2\r\nX-Remove: a\r\nX-Remove: b\r\nUser-Agent: t\r\n"),
    undefined,
  ],
  ["with a body", post("/a", "abc", "X-Empty:\r\n"), undefined],
  ["all replaced", get("/a?b", "X-Mode: replace-all\r\nX-Other: 1\r\n"), undefined],
  ["method removed", get("/a", "X-Mode: no-method\r\n"), undefined],
  ["path removed", get("/a", "X-Mode: no-path\r\n"), undefined],
  [
    "response headers",
    get("/a"),
    answer(
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX-Remove: 1\r\nX-Remove: 2\r\nX-Added: zero\r\nContent-Length: 0\r\n\r\n",
    ),
  ],
  ["status changed", get("/a"), answer("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")],
  [
    "status removed",
    get("/a"),
    answer("HTTP/1.1 200 OK\r\nX-Drop-Status: 1\r\nContent-Length: 2\r\n\r\nok"),
  ],
  ["HEAD", get("/a", "", "HEAD"), undefined],
].map(([name, request, origin]) => ({
  name: `wasm-go/headers: ${name}`,
  config: headers,
  steps: [...exchange(request as string), quiet(100)],
  proxyLog: LINES,
  normalise: varying,
  ...(origin === undefined ? {} : { origin: origin as OriginAnswer }),
}));

const body = plugin("body");
const bodyCases: ConformanceCase[] = ["append", "prepend", "replace", "empty", "read"].flatMap(
  (op) => [
    {
      name: `wasm-go/body: ${op} request, buffered`,
      config: body,
      steps: slowPost(`X-Body: request\r\nX-Op: ${op}\r\nX-Mode: buffer\r\n`),
      proxyLog: LINES,
    },
    {
      name: `wasm-go/body: ${op} request, whole`,
      config: body,
      steps: exchange(post("/a", "hello", `X-Body: request\r\nX-Op: ${op}\r\n`)),
      proxyLog: LINES,
    },
    {
      name: `wasm-go/body: ${op} response, buffered`,
      config: body,
      steps: exchange(get("/a", `X-Body: response\r\nX-Op: ${op}\r\nX-Mode: buffer\r\n`)),
      origin: CHUNKED_ANSWER,
      proxyLog: LINES,
    },
    {
      name: `wasm-go/body: ${op} response, whole`,
      config: body,
      steps: exchange(get("/a", `X-Body: response\r\nX-Op: ${op}\r\nX-Mode: buffer\r\n`)),
      proxyLog: LINES,
    },
  ],
);
bodyCases.push(
  {
    name: "wasm-go/body: append to each chunk",
    config: body,
    steps: slowPost("X-Body: request\r\nX-Op: append\r\nX-Mode: stream\r\n"),
    proxyLog: LINES,
  },
  {
    name: "wasm-go/body: request above the buffer limit",
    config: { ...body, listener: "{per_connection_buffer_limit_bytes: 1024}" },
    steps: [
      send(get("/a", `${CHUNKED}X-Body: request\r\nX-Op: read\r\nX-Mode: buffer\r\n`, "POST")),
      quiet(60),
      send(chunk("x".repeat(700))),
      quiet(60),
      send(chunk("x".repeat(700))),
      quiet(),
    ],
  },
  {
    name: "wasm-go/body: response above the buffer limit",
    config: { ...body, listener: "{per_connection_buffer_limit_bytes: 1024}" },
    steps: exchange(get("/a", "X-Body: response\r\nX-Op: append\r\nX-Mode: buffer\r\n")),
    origin: answer(
      `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n${chunk("x".repeat(700))}`,
      { pauseMs: 60 },
      `${chunk("y".repeat(700))}0\r\n\r\n`,
    ),
  },
);

const authConfig: CaseConfig = plugin("auth", { configuration: "$CLUSTER" });
const authOrigin =
  (auth: OriginAnswer) =>
  (request: { path: string }): OriginAnswer =>
    request.path === "/auth"
      ? auth
      : { pieces: ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"] };
const authCase = (name: string, headers: string, auth: OriginAnswer): ConformanceCase => ({
  name: `wasm-go/auth: ${name}`,
  config: authConfig,
  steps: exchange(get("/secret", headers)),
  origin: authOrigin(auth),
  proxyLog: LINES,
});
const GRANTED = answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalice");
const authCases: ConformanceCase[] = [
  authCase("granted", "Authorization: t1\r\n", GRANTED),
  authCase(
    "denied",
    "Authorization: t2\r\n",
    answer("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"),
  ),
  authCase(
    "chunked answer with trailers",
    "",
    answer(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n${chunk("bob")}0\r\nX-T: 1\r\n\r\n`),
  ),
  authCase("answer too late", "", answer({ pauseMs: 600 }, "HTTP/1.1 200 OK\r\n\r\n")),
  authCase("service dies", "", answer("reset")),
  authCase(
    "service dies in mid-body",
    "",
    answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "close"),
  ),
  authCase("unknown cluster", "X-Cluster: no-such-cluster\r\n", GRANTED),
  authCase("no path", "X-No-Path: 1\r\n", GRANTED),
  {
    name: "wasm-go/auth: with a body",
    config: authConfig,
    steps: exchange(post("/secret", "the body", "Authorization: t1\r\n")),
    origin: authOrigin(GRANTED),
    proxyLog: LINES,
  },
  {
    name: "wasm-go/auth: client leaves while waiting",
    config: authConfig,
    steps: [send(get("/secret")), originSaw(1), abort(), quiet(400)],
    origin: authOrigin(answer({ pauseMs: 100 }, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
    proxyLog: LINES,
  },
];

const PATHS = [
  "request|path request|url_path request|query request|host request|scheme request|method",
  "request|referer request|useragent request|protocol request|headers|x-phases request|headers|none",
  "request|size request|unknown request request|path|more",
  "response|code response|code_details response|flags response|size response|headers|content-length",
  "response|grpc_status response connection|mtls connection|requested_server_name connection|tls_version",
  "source|address source|port destination|address destination|port",
  "upstream|address upstream|port upstream|transport_failure_reason upstream|request_attempt_count",
  "xds|cluster_name xds|route_name xds|virtual_host_name xds|filter_chain_name xds|node|id",
  "xds|node|cluster xds|listener_direction xds|route_metadata|filter_metadata|my.ns|text",
  "xds|route_metadata|filter_metadata|my.ns|number xds|route_metadata|filter_metadata|my.ns|flag",
  "xds|route_metadata|filter_metadata|my.ns|list xds|route_metadata|filter_metadata|my.ns|object|a",
  "xds|route_metadata|filter_metadata|no.ns|text xds|cluster_metadata xds|listener_metadata xds",
  "plugin_name plugin_root_id plugin_vm_id route_name cluster_name node|id unknown metadata",
  "metadata|filter_metadata|none filter_state|none wasm.mine mine listener_direction",
].join(" ");
const properties: CaseConfig = {
  ...plugin("properties", { configuration: PATHS }),
  routes: `[{name: my-route, match: {prefix: /}, route: {cluster: "$CLUSTER"},
    metadata: {filter_metadata: {my.ns: {text: t, number: 1.5, flag: true, list: [a, b], object: {a: b}}}}}]`,
};
const propertyCases: ConformanceCase[] = ["request", "response", "log"].map((phase) => ({
  name: `wasm-go/properties: ${phase} phase`,
  config: properties,
  steps: [
    ...exchange(
      get("/path?q=1", `X-Phases: ${phase}\r\nUser-Agent: agent\r\nReferer: http://r/\r\n`),
    ),
    quiet(),
  ],
  proxyLog: LINES,
  normalise: [[/(source|destination|upstream)\|port = ".*/, "$1|port = <any>"]],
}));

const panicCase = (at: string, policy: string, request: string): ConformanceCase => ({
  name: `wasm-go/panic: ${at}, ${policy}`,
  config: plugin("panics", { mark: `-${at}-${policy}`, plugin: `failure_policy: ${policy},` }),
  steps: exchange(request, get("/next"), get("/after")),
  proxyLog: /wasm log .*panic: /,
});
const panicCases: ConformanceCase[] = ["FAIL_CLOSED", "FAIL_OPEN", "FAIL_RELOAD"].flatMap(
  (policy) => [
    panicCase("request-headers", policy, get("/x", "X-Panic: request-headers\r\n")),
    panicCase("request-body", policy, post("/x", "abc", "X-Panic: request-body\r\n")),
    panicCase("response-headers", policy, get("/x", "X-Panic: response-headers\r\n")),
    panicCase("response-body", policy, get("/x", "X-Panic: response-body\r\n")),
    panicCase("log", policy, get("/x", "X-Panic: log\r\n")),
  ],
);

const local = plugin("localresponse");
const localCase = (name: string, request: string, origin?: OriginAnswer): ConformanceCase => ({
  name: `wasm-go/local response: ${name}`,
  config: local,
  steps: [...exchange(request), quiet(100)],
  proxyLog: LINES,
  ...(origin === undefined ? {} : { origin }),
});
const localCases: ConformanceCase[] = [
  localCase("request headers", get("/a", "X-At: request-headers\r\n")),
  localCase("returns Continue", get("/a", "X-At: request-headers\r\nX-How: continue\r\n")),
  localCase("twice", get("/a", "X-At: request-headers\r\nX-How: twice\r\n")),
  localCase("empty", get("/a", "X-At: request-headers\r\nX-How: empty\r\n")),
  localCase("no headers", get("/a", "X-At: request-headers\r\nX-How: no-headers\r\n")),
  localCase("204", get("/a", "X-At: request-headers\r\nX-How: 204\r\n")),
  localCase("HEAD", get("/a", "X-At: request-headers\r\n", "HEAD")),
  localCase(
    "gRPC",
    get("/a", "X-At: request-headers\r\nX-How: grpc\r\nContent-Type: application/grpc\r\n", "POST"),
  ),
  localCase("request body", post("/a", "abc", "X-At: request-body\r\n")),
  localCase("end of request body", post("/a", "abc", "X-At: request-body-end\r\n")),
  localCase("response headers", get("/a", "X-At: response-headers\r\n")),
  localCase("response headers, no body", get("/a", "X-At: response-headers\r\nX-How: empty\r\n")),
  localCase("response body", get("/a", "X-At: response-body\r\n")),
  localCase(
    "response body, held",
    get("/a", "X-At: response-body\r\nX-How: hold\r\n"),
    CHUNKED_ANSWER,
  ),
];

const lifecycle: CaseConfig = {
  ...plugin("lifecycle", {
    vm: `configuration: {"@type": type.googleapis.com/google.protobuf.StringValue, value: "vm conf"},`,
  }),
  hcm: "{http_protocol_options: {enable_trailers: true}}",
  cluster: `{typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
    explicit_http_config: {http_protocol_options: {enable_trailers: true}}}}}`,
};
const lifecycleCases: ConformanceCase[] = [
  { name: "a GET", steps: exchange(get("/a")) },
  { name: "a POST", steps: exchange(post("/a", "abc")) },
  {
    name: "request trailers",
    steps: exchange(`${get("/a", CHUNKED, "POST")}${chunk("abc")}0\r\nX-T: 1\r\n\r\n`),
  },
  {
    name: "paused body, then trailers",
    steps: exchange(
      `${get("/a", `${CHUNKED}X-Pause: request-body\r\n`, "POST")}${chunk("abc")}0\r\nX-T: 1\r\n\r\n`,
    ),
  },
  {
    name: "response trailers",
    steps: exchange(get("/a", "TE: trailers\r\n")),
    origin: answer(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n${chunk("abc")}0\r\nX-T: 1\r\n\r\n`),
  },
  {
    name: "paused at headers, client leaves",
    steps: [send(get("/a", "X-Pause: request-headers\r\n")), quiet(), abort(), quiet()],
  },
  {
    name: "paused response, client leaves",
    steps: [send(get("/a", "X-Pause: response-headers\r\n")), quiet(), abort(), quiet()],
  },
  { name: "two requests", steps: exchange(get("/a"), get("/b")) },
].map((one) => ({
  ...one,
  name: `wasm-go/lifecycle: ${one.name}`,
  config: lifecycle,
  steps: [...one.steps, quiet(100)],
  proxyLog: LINES,
}));

const others: ConformanceCase[] = [
  {
    name: "wasm-go/shared data: counted up",
    config: plugin("shareddata"),
    steps: exchange(get("/1"), get("/2"), get("/3")),
    proxyLog: LINES,
  },
  {
    name: "wasm-go/metrics: one of each kind",
    config: plugin("metrics", { configuration: "$ID" }),
    steps: exchange(get("/1"), get("/2")),
    stats: /wasmcustom/,
    proxyLog: LINES,
  },
  {
    name: "wasm-go/tick: resumes a request",
    config: plugin("tick"),
    steps: [...exchange(get("/1")), quiet(100)],
    proxyLog: LINES,
  },
  {
    name: "wasm-go/tick: resumes a request with a body",
    config: plugin("tick"),
    steps: [...exchange(post("/1", "held body")), quiet(100)],
    proxyLog: LINES,
  },
  {
    name: "wasm-go/queue: items come back",
    config: plugin("queue"),
    steps: [...exchange(get("/1")), quiet(200)],
    proxyLog: LINES,
  },
  {
    name: "wasm-go/two plugins in a chain",
    config: { filters: `[${filter("headers")}, ${filter("lifecycle")}]` },
    steps: [...exchange(get("/1")), quiet(100)],
    proxyLog: LINES,
    normalise: varying,
  },
];

export const cases: readonly ConformanceCase[] = [
  ...headerCases,
  ...bodyCases,
  ...authCases,
  ...propertyCases,
  ...panicCases,
  ...localCases,
  ...lifecycleCases,
  ...others,
];
