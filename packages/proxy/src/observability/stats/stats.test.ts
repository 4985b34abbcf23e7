import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { StatsRegistry } from "./registry.ts";
import { renderJson } from "./render-json.ts";
import { renderPrometheus } from "./render-prometheus.ts";
import { renderText } from "./render-text.ts";
import { parseStatsQuery, type StatsQuery } from "./stats-query.ts";
import { ThreadStats } from "./thread-stats.ts";

function query(text: string): StatsQuery {
  const parsed = parseStatsQuery(new URLSearchParams(text), (pattern) => {
    const regex = new RegExp(pattern);
    return (name) => regex.test(name);
  });
  assert.ok(typeof parsed !== "string", String(parsed));
  return parsed;
}

function makeThread(registry: StatsRegistry, thread: number, maxNames?: number): ThreadStats {
  return new ThreadStats((message) => registry.receive(thread, message), maxNames);
}

describe("stats", () => {
  it("sums threads, keeps a dead worker's counts and drops its gauges", () => {
    const registry = new StatsRegistry();
    const [a, b] = [makeThread(registry, 1), makeThread(registry, 2)];
    for (const thread of [a, b]) {
      thread.counter("c").add(2);
      thread.gauge("g").set(5);
      thread.gauge("cluster.up.membership_total").set(3);
    }
    assert.equal(registry.counterValue("c"), 4);
    assert.equal(registry.gaugeValue("g"), 10);
    assert.equal(registry.gaugeValue("cluster.up.membership_total"), 3);
    registry.dropThread(2);
    assert.equal(registry.counterValue("c"), 4);
    assert.equal(registry.gaugeValue("g"), 5);
    registry.resetCounters();
    a.counter("c").inc();
    assert.equal(registry.counterValue("c"), 1);
  });

  it("reads what a worker counts without further messages", async () => {
    const registry = new StatsRegistry();
    const url = new URL("./thread-stats.ts", import.meta.url).href;
    const code = `import(${JSON.stringify(url)}).then(({ ThreadStats }) => {
      const { parentPort } = require("node:worker_threads");
      const counter = new ThreadStats((m) => parentPort.postMessage(m)).counter("w.x");
      parentPort.once("message", () => { counter.add(41); parentPort.postMessage("done"); });
      counter.inc();
      parentPort.postMessage("ready");
    })`;
    const worker = new Worker(code, { eval: true });
    await new Promise<void>((resolve, reject) => {
      worker.on("error", reject);
      worker.on("message", (message) => {
        if (message === "ready") {
          assert.equal(registry.counterValue("w.x"), 1);
          worker.postMessage("go");
        } else if (message === "done") resolve();
        else registry.receive(1, message);
      });
    });
    assert.equal(registry.counterValue("w.x"), 42);
    await worker.terminate();
  });

  it("prints quantiles as Envoy does, interval and cumulative", () => {
    const registry = new StatsRegistry();
    const histogram = makeThread(registry, 0).histogram("h");
    assert.equal(renderText(registry, query("")), "h: No recorded values\n");
    for (const value of [1, 1, 3]) histogram.record(value);
    registry.flush();
    assert.match(
      renderText(registry, query("")),
      /^h: P0\(1\.0333333333333334,1\.0333333333333334\) P25\(1\.03\d+,1\.03\d+\) P50\(1\.0666666666666667,1\.0666666666666667\) P75\(3\.05,3\.05\) .* P99\.9\(3\.05,3\.05\) P100\(3\.05,3\.05\)\n$/,
    );
    registry.flush();
    assert.match(renderText(registry, query("")), /P0\(nan,1\.03/);
    assert.match(
      renderText(registry, query("histogram_buckets=cumulative")),
      /B0\.5\(0,0\) B1\(0,2\) B5\(0,3\).*B1\.8e\+06\(0,3\)/,
    );
    assert.match(
      renderText(registry, query("histogram_buckets=detailed")),
      /totals=1,0\.1:2, 3,0\.1:1\n/,
    );
  });

  it("prints JSON and Prometheus with tags", () => {
    const registry = new StatsRegistry();
    const stats = makeThread(registry, 0);
    stats.counter("cluster.up.upstream_rq_200").add(47);
    stats.counter("wasmcustom.my.foo").inc();
    assert.equal(
      renderJson(registry, query("")),
      '{"stats":[{"name":"cluster.up.upstream_rq_200","value":47},{"name":"wasmcustom.my.foo","value":1}]}',
    );
    assert.equal(
      renderPrometheus(registry, query("")),
      '# TYPE envoy_cluster_upstream_rq counter\nenvoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="up"} 47\n' +
        "# TYPE my_foo counter\nmy_foo{} 1\n",
    );
    assert.equal(
      renderText(registry, query("filter=rq_2&type=counters")),
      "cluster.up.upstream_rq_200: 47\n",
    );
  });

  it("bounds the number of names", () => {
    const registry = new StatsRegistry();
    const stats = makeThread(registry, 0, 1);
    stats.counter("a").inc();
    stats.counter("b").inc();
    assert.equal(registry.counterValue("a"), 1);
    assert.equal(registry.counters.has("b"), false);
    assert.equal(registry.counterValue("stats.overflow"), 1);
  });
});
