import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Logging } from "../../observability/logging/logging.ts";
import { StatsRegistry } from "../../observability/stats/registry.ts";
import { ThreadStats } from "../../observability/stats/thread-stats.ts";
import { AdminServer } from "./admin-server.ts";
import type { AdminSources } from "./sources.ts";

const registry = new StatsRegistry();
const threadStats = new ThreadStats((message) => registry.receive(0, message));
const log = new Logging({ level: "info", componentLevels: "", format: null, path: null });
let state = "LIVE";

const sources: AdminSources = {
  stats: registry,
  fixedTags: [],
  log,
  compileRegex: (pattern) => (name) => new RegExp(pattern).test(name),
  updateStats: () => threadStats.gauge("server.live").set(1),
  clusters: () => [],
  listeners: () => [{ name: "l1", ip: "127.0.0.1", port: 80 }],
  configDumps: () => [
    {
      "@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
      static_clusters: [{ cluster: { name: "up", metadata: { a: { b: 1 } }, type: "STATIC" } }],
    },
  ],
  serverInfo: () => ({ state }),
  state: () => state,
  initDump: () => ({}),
  quit: () => {},
  failHealthCheck: (isFailed) => {
    state = isFailed ? "DRAINING" : "LIVE";
  },
  drainListeners: () => {},
  resetCounters: () => registry.resetCounters(),
  reopenLogs: () => {},
};

describe("admin server", () => {
  const server = new AdminServer(sources);
  let base = "";
  before(async () => {
    const { port } = await server.listen({ ip: "127.0.0.1", port: 0, addressPath: null });
    base = `http://127.0.0.1:${port}`;
  });
  after(() => server.close());

  // Replies as captured from Envoy 1.40.
  const REPLIES: readonly [request: string, status: number, body: string | RegExp][] = [
    ["GET /ready", 200, "LIVE\n"],
    ["GET /quitquitquit", 405, "Method GET not allowed, POST required."],
    ["POST /healthcheck/fail", 200, "OK\n"],
    ["GET /ready", 503, "DRAINING\n"],
    ["POST /healthcheck/ok", 200, "OK\n"],
    ["GET /nope", 404, /^invalid path\. admin commands are:\n {2}\/: Admin home page\n/],
    ["GET /stats?filter=live", 200, "server.live: 1\n"],
    [
      "GET /stats?format=zz",
      400,
      "usage: /stats?format=(html|active-html|json|prometheus|text)\n\n",
    ],
    ["GET /stats?type=zz", 400, "invalid &type= param"],
    ["GET /stats/prometheus", 200, "# TYPE envoy_server_live gauge\nenvoy_server_live{} 1\n"],
    ["GET /listeners", 200, "l1::127.0.0.1:80\n"],
    ["GET /certs", 200, '{\n "certificates": []\n}\n'],
    ["POST /logging?http=trace", 200, /^active loggers:\n {2}a2a: info\n[\s\S]* {2}http: trace\n/],
    ["POST /logging?nope=trace", 400, /^error: unknown logger name\n\nusage: /],
    ["GET /config_dump?resource=zzz", 404, "zzz not found in config dump"],
    [
      "GET /config_dump?resource=static_clusters&mask=cluster.metadata.a",
      200,
      /"cluster": \{\s*"metadata": \{\s*"a": \{\s*"b": 1\s*\}\s*\}\s*\}/,
    ],
  ];

  it("answers as Envoy does", async () => {
    for (const [request, status, body] of REPLIES) {
      const [method = "", path = ""] = request.split(" ");
      const response = await fetch(base + path, { method });
      const text = await response.text();
      assert.equal(response.status, status, request);
      assert.equal(response.headers.get("cache-control"), "no-cache, max-age=0");
      if (typeof body === "string") assert.equal(text, body, request);
      else assert.match(text, body, request);
    }
  });
});
