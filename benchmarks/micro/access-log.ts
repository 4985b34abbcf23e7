/** Cost of the default access-log line and of counting, ns per call. */

import { compileFormat } from "../../packages/proxy/src/http/formatter/compile-format.ts";
import { HeaderMap } from "../../packages/proxy/src/http/header-map.ts";
import { StreamInfo } from "../../packages/proxy/src/http/stream-info.ts";
import { Address } from "../../packages/proxy/src/network/address.ts";
import { DEFAULT_LOG_FORMAT } from "../../packages/proxy/src/observability/access-log/log-format.ts";
import { ThreadStats } from "../../packages/proxy/src/observability/stats/thread-stats.ts";

const address = new Address("127.0.0.1", 80);
const info = new StreamInfo(1, Date.now(), performance.now(), address, address);
info.protocol = "HTTP/1.1";
info.responseCode = 200;
info.upstreamHostAddress = address;
info.requestHeaders = new HeaderMap();
info.requestHeaders.replaceAll([
  ":method",
  "GET",
  ":path",
  "/some/path",
  ":authority",
  "example.com",
  ":scheme",
  "http",
  "user-agent",
  "bench/1.0",
  "x-request-id",
  "9280c6f4-1111-4222-8333-444455556666",
]);
info.responseHeaders = new HeaderMap();
info.responseHeaders.replaceAll([":status", "200", "x-envoy-upstream-service-time", "3"]);

const formatter = compileFormat(DEFAULT_LOG_FORMAT);
const stats = new ThreadStats(() => {});
const counter = stats.counter("c");
const histogram = stats.histogram("h");
let bytes = 0;

function measure(name: string, calls: number, run: (i: number) => void): void {
  for (let i = 0; i < calls / 10; i++) run(i);
  const start = performance.now();
  for (let i = 0; i < calls; i++) run(i);
  console.log(`${name}: ${(((performance.now() - start) * 1e6) / calls).toFixed(1)} ns`);
}

// As the log file does: lines gather, then become bytes.
let pending = "";
measure("default access-log line", 300_000, () => {
  pending += formatter.format(info);
  if (pending.length < 65536) return;
  bytes += Buffer.from(pending, "latin1").length;
  pending = "";
});
measure("counter.inc", 10_000_000, () => counter.inc());
measure("histogram.record", 3_000_000, (i) => histogram.record(i % 500));
if (bytes === 0 || counter.value === 0) throw new Error("nothing was measured");
