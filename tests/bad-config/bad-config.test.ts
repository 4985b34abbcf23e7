/** Every mistake gives one line with its place, exit code 1 and no stack trace. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { checkConfig } from "../../packages/proxy/src/server/check-config.ts";
import { formatProblem, type Problem } from "../../packages/proxy/src/server/config/problems.ts";

const here = import.meta.dirname;
const legate = join(here, "..", "..", "packages", "cli", "bin", "legate");
const startedIn = process.cwd();

const silent = {
  level: 6,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  critical() {},
};

async function problemsOf(file: string): Promise<readonly Problem[]> {
  const options = {
    configPath: file,
    configYaml: null,
    allowUnsupported: false,
    allowUnknown: false,
    serviceNode: null,
    serviceCluster: null,
    serviceZone: null,
  };
  return (await checkConfig(options, () => silent)).problems;
}

/** Runs the command; resolves to what it printed on stderr and its exit code. */
function run(args: readonly string[]): Promise<{ code: number | null; stderr: string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(legate, args, {
      cwd: join(here, "configs"),
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 20_000,
    });
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stderr: text.trimEnd().split("\n") }));
  });
}

describe("bad configurations", () => {
  before(() => process.chdir(join(here, "configs")));
  after(() => process.chdir(startedIn));

  const expected = new Map(
    readFileSync(join(here, "expected.txt"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line]),
  );

  for (const file of readdirSync(join(here, "configs")).sort())
    it(file, async () => {
      const lines = (await problemsOf(file)).map(formatProblem);
      assert.deepEqual(lines, [expected.get(file)]);
      assert.match(lines[0]!, /^[^:]+:\d+:\d+: \S/);
    });

  it("has no expectation without a file", () => {
    assert.deepEqual([...expected.keys()], readdirSync(join(here, "configs")).sort());
  });
});

describe("odd configurations that Envoy takes", () => {
  for (const file of readdirSync(join(here, "odd-but-good")))
    it(file, async () => {
      const problems = await problemsOf(join(here, "odd-but-good", file));
      assert.deepEqual(
        problems.filter(({ severity }) => severity === "error"),
        [],
      );
    });
});

describe("the command", { concurrency: 2 }, () => {
  const oneLine: readonly [name: string, args: readonly string[], line: RegExp][] = [
    [
      "a bad file, validated",
      ["--mode", "validate", "-c", "port-too-high.yaml"],
      /^port-too-high\.yaml:4:66: static_resources\S+port_value: value must be less than/,
    ],
    [
      "a bad file, served",
      ["-c", "port-too-high.yaml"],
      /^port-too-high\.yaml:4:66: static_resources\S+port_value: value must be less than/,
    ],
    [
      "a filter whose factory throws, served",
      ["-c", "filter-module-factory-throws.yaml"],
      /^filter-module-factory-throws\.yaml:23:59: .*: createFactory failed: no licence key$/,
    ],
    [
      "a missing cluster, served",
      ["-c", "missing-cluster.yaml"],
      /^missing-cluster\.yaml:17:26: .*unknown cluster 'orgin' \(did you mean 'origin'\?\)$/,
    ],
    [
      "a missing file",
      ["-c", "no-such-file.yaml"],
      /^no-such-file\.yaml: can't be read: there is no such file$/,
    ],
    ["a folder", ["-c", "."], /^\.: can't be read: it is a folder$/],
    [
      "bad --config-yaml",
      ["--mode", "validate", "--config-yaml", "admin: { adress: {} }"],
      /^<config-yaml>:1:10: admin\.adress: Admin has no field 'adress' \(did you mean 'address'\?\)$/,
    ],
    [
      "an unwritable log",
      ["--log-path", "no-such-folder/log", "-c", "../odd-but-good/key-twice.yaml"],
      /^legate: .*no-such-folder/,
    ],
  ];
  for (const [name, args, line] of oneLine)
    it(name, async () => {
      const { code, stderr } = await run(args);
      assert.equal(stderr.length, 1, stderr.join("\n"));
      assert.match(stderr[0]!, line);
      assert.equal(code, 1);
    });

  const wrongFlags: readonly [name: string, args: readonly string[], line: RegExp][] = [
    [
      "an unknown flag",
      ["--confg-path", "x.yaml"],
      /^legate: unknown flag --confg-path \(did you mean --config-path\?\)$/,
    ],
    ["no configuration", [], /^legate: a configuration is needed/],
    [
      "a bad mode",
      ["--mode", "check", "-c", "x.yaml"],
      /^legate: --mode wants one of serve, validate/,
    ],
    ["an unknown verb", ["sreve"], /^legate: unknown verb 'sreve'/],
  ];
  for (const [name, args, line] of wrongFlags)
    it(name, async () => {
      const { code, stderr } = await run(args);
      assert.match(stderr[0]!, line);
      assert.ok(stderr.length <= 2, stderr.join("\n"));
      assert.equal(code, 1);
    });
});
