import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { ResponseFlag } from "@legate/filter-sdk";
import { HeaderMap } from "../../http/header-map.ts";
import { StreamInfo } from "../../http/stream-info.ts";
import { Address } from "../../network/address.ts";
import { StatsRegistry } from "../stats/registry.ts";
import { ThreadStats } from "../stats/thread-stats.ts";
import type { AccessLogConfigContext } from "./access-log.ts";
import { type AccessLogFilterMessage, parseFilter } from "./filters.ts";
import { LogFiles } from "./log-files.ts";
import { type AccessLogMessage, createAccessLog, parseAccessLog } from "./parse-access-log.ts";

const directory = mkdtempSync(join(tmpdir(), "access-log-"));
after(() => rmSync(directory, { recursive: true }));

const context = {
  fail(_message: object, field: string, text: string): never {
    throw new Error(`${field}: ${text}`);
  },
  unpack: (any: unknown) => any as Message,
  compileHeaderMatcher: () => (headers: HeaderMap) => headers.has("x-log"),
  compileStringMatcher: () => (text: string) => text === "yes",
} as unknown as AccessLogConfigContext;

function makeInfo(): StreamInfo {
  const address = new Address("127.0.0.1", 80);
  const info = new StreamInfo(1, 1795481805486, performance.now(), address, address);
  info.protocol = "HTTP/1.1";
  info.responseCode = 555;
  info.responseFlags = ResponseFlag.DelayInjected | ResponseFlag.FaultInjected;
  info.bytesSent = 18;
  info.requestHeaders = new HeaderMap();
  info.requestHeaders.replaceAll([":method", "GET", ":path", "/fault", ":authority", "h.com"]);
  return info;
}

function fileLog(path: string, accessLogFormat: object = { case: undefined }): AccessLogMessage {
  const $typeName = "envoy.extensions.access_loggers.file.v3.FileAccessLog";
  const value = { $typeName, path, accessLogFormat };
  return { name: "x", configType: { case: "typedConfig", value } } as unknown as AccessLogMessage;
}

function makeFiles(): { files: LogFiles; registry: StatsRegistry } {
  const registry = new StatsRegistry();
  const stats = new ThreadStats((message) => registry.receive(0, message));
  const options = { flushIntervalMs: 10_000, flushBytes: 65536 };
  return { files: new LogFiles(options, stats.scope("filesystem.")), registry };
}

describe("file access log", () => {
  it("writes Envoy's default line and counts it", () => {
    const { files, registry } = makeFiles();
    const path = join(directory, "default.log");
    createAccessLog(parseAccessLog(fileLog(path), context), { files }).log(makeInfo());
    assert.equal(registry.gaugeValue("filesystem.write_total_buffered") > 0, true);
    files.close();
    assert.match(
      readFileSync(path, "utf8"),
      /^\[2026-11-24T00:56:45\.486Z\] "GET \/fault HTTP\/1\.1" 555 DI,FI 0 18 \d+ - "-" "-" "-" "h\.com" "-"\n$/,
    );
    assert.equal(registry.counterValue("filesystem.write_buffered"), 1);
    assert.equal(registry.counterValue("filesystem.write_completed"), 1);
    assert.equal(registry.gaugeValue("filesystem.write_total_buffered"), 0);
  });

  it("goes on in a new file after a rotation and reopen", () => {
    const { files } = makeFiles();
    const path = join(directory, "rotated.log");
    const file = files.open(path);
    file.write("one\n");
    renameSync(path, `${path}.1`);
    files.reopen();
    file.write("two\n");
    files.close();
    assert.equal(readFileSync(`${path}.1`, "utf8"), "one\n");
    assert.equal(readFileSync(path, "utf8"), "two\n");
  });

  it("says which file can't be opened and why", () => {
    const { files } = makeFiles();
    const message = "unable to open file '/no/such/dir/x': No such file or directory";
    assert.throws(() => files.open("/no/such/dir/x"), { message });
  });

  it("names the field of a bad format", () => {
    const message = fileLog("/x", { case: "format", value: "%NOPE%" });
    assert.throws(() => parseAccessLog(message, context), {
      message: "format: Not supported field in StreamInfo: NOPE",
    });
  });
});

const FILTERS: readonly [name: string, filter: object, accepts: boolean][] = [
  [
    "status >= 500",
    { case: "statusCodeFilter", value: { comparison: { op: 1, value: { defaultValue: 500 } } } },
    true,
  ],
  [
    "status = 200",
    { case: "statusCodeFilter", value: { comparison: { op: 0, value: { defaultValue: 200 } } } },
    false,
  ],
  ["flag FI", { case: "responseFlagFilter", value: { flags: ["FI", "UC"] } }, true],
  ["flag UC", { case: "responseFlagFilter", value: { flags: ["UC"] } }, false],
  ["any flag", { case: "responseFlagFilter", value: { flags: [] } }, true],
  ["header", { case: "headerFilter", value: { header: {} } }, false],
  ["not health check", { case: "notHealthCheckFilter", value: {} }, true],
  [
    "runtime 0 %",
    { case: "runtimeFilter", value: { percentSampled: { numerator: 0, denominator: 0 } } },
    false,
  ],
  [
    "runtime 100 %",
    { case: "runtimeFilter", value: { percentSampled: { numerator: 100, denominator: 0 } } },
    true,
  ],
  ["gRPC unknown", { case: "grpcStatusFilter", value: { statuses: [2], exclude: false } }, true],
  ["log type end", { case: "logTypeFilter", value: { types: [6], exclude: true } }, false],
  [
    "missing metadata",
    {
      case: "metadataFilter",
      value: { matcher: { filter: "n", path: [] }, matchIfKeyNotFound: false },
    },
    false,
  ],
];

describe("access log filters", () => {
  for (const [name, filterSpecifier, accepts] of FILTERS) {
    it(`${name}: ${accepts ? "logs" : "skips"}`, () => {
      const filter = parseFilter({ filterSpecifier } as AccessLogFilterMessage, context);
      assert.equal(filter(makeInfo()), accepts);
    });
  }
});
