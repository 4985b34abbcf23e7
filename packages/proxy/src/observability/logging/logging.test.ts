import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { Logging } from "./logging.ts";

const directory = mkdtempSync(join(tmpdir(), "logging-"));
after(() => rmSync(directory, { recursive: true }));
const base = { level: "info", componentLevels: "", format: null, path: null };

it("writes Envoy's line format to the log path, above the component's level", () => {
  const path = join(directory, "a.log");
  const logging = new Logging({ ...base, componentLevels: "wasm:debug", path });
  logging.logger("wasm").debug("shown 100%");
  logging.logger("http").debug("hidden");
  logging.logger("http").warn("also shown");
  assert.match(
    readFileSync(path, "utf8"),
    /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\]\[\d+\]\[debug\]\[wasm\] \[legate\/wasm\.ts:1\] shown 100%\n\[.*\]\[warning\]\[http\] .* also shown\n$/,
  );
});

it("takes custom patterns and changes several levels or none", () => {
  const path = join(directory, "b.log");
  const logging = new Logging({ ...base, format: "%L %n %v %%", path });
  assert.equal(logging.setLevels("http:debug,nope:debug"), "unknown logger name");
  assert.equal(logging.setLevels("http:zz"), "unknown logger level");
  logging.logger("http").debug("hidden");
  assert.equal(logging.setLevels("http:debug,main:off"), null);
  logging.logger("http").debug("x");
  logging.logger("main").critical("hidden");
  assert.equal(readFileSync(path, "utf8"), "D http x %\n");
});

it("refuses an unknown level", () => {
  assert.throws(() => new Logging({ ...base, level: "loud" }), /invalid log level/);
});
