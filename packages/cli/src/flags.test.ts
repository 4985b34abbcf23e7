import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FLAGS } from "./flag-table.ts";
import { flagsHelp, type ParsedFlags, parseFlags } from "./flags.ts";

function optionsOf(...args: string[]): Extract<ParsedFlags, { kind: "run" }>["options"] {
  const flags = parseFlags(["-c", "a.yaml", ...args]);
  assert.equal(flags.kind, "run", JSON.stringify(flags));
  return (flags as Extract<ParsedFlags, { kind: "run" }>).options;
}

function errorOf(...args: string[]): string {
  const flags = parseFlags(args);
  assert.equal(flags.kind, "error");
  return (flags as { message: string }).message;
}

describe("parseFlags", () => {
  it("has Envoy's defaults", () => {
    const options = optionsOf();
    assert.equal(options.configPath, "a.yaml");
    assert.equal(options.concurrency, null);
    assert.equal(options.logLevel, "info");
    assert.equal(options.drainTimeMs, 600_000);
    assert.equal(options.drainStrategy, "gradual");
    assert.equal(options.fileFlushIntervalMs, 10_000);
    assert.equal(options.fileFlushBytes, 64 * 1024);
    assert.equal(options.allowUnsupported, false);
    assert.equal(options.allowUnknown, false);
    assert.deepEqual(options.statsTags, []);
    assert.deepEqual(options.ignoredFlags, []);
  });

  it("reads short and long flags, with a space or with =", () => {
    assert.equal(optionsOf("-l", "debug").logLevel, "debug");
    assert.equal(optionsOf("--log-level=debug").logLevel, "debug");
    assert.equal(optionsOf("--concurrency", "3").concurrency, 3);
    assert.equal(optionsOf("--concurrency", "0").concurrency, 1);
    assert.equal(optionsOf("--drain-time-s", "5").drainTimeMs, 5000);
    assert.equal(optionsOf("--config-yaml", "-x").configYaml, "-x");
  });

  it("reads fixed tags, repeated", () => {
    const options = optionsOf("--stats-tag", "a:b", "--stats-tag", "c:d:e");
    assert.deepEqual(options.statsTags, [
      { name: "a", value: "b" },
      { name: "c", value: "d:e" },
    ]);
  });

  it("only validates in the modes validate and init_only", () => {
    for (const [mode, validateOnly] of [
      ["serve", false],
      ["validate", true],
      ["init_only", true],
    ] as const) {
      const flags = parseFlags(["-c", "a.yaml", "--mode", mode]);
      assert.equal(flags.kind === "run" && flags.validateOnly, validateOnly, mode);
    }
  });

  it("takes every flag of Envoy that has no meaning here, and names it", () => {
    const ignored = FLAGS.filter(({ kind }) => kind.startsWith("ignored"));
    const args = ignored.flatMap(({ name, kind }) =>
      kind === "ignored-boolean" ? [`--${name}`] : [`--${name}`, "1"],
    );
    assert.deepEqual(
      optionsOf(...args).ignoredFlags,
      ignored.map(({ name }) => `--${name}`),
    );
  });

  it("puts help and versions before everything else", () => {
    assert.equal(parseFlags(["--help", "--mode", "x"]).kind, "help");
    assert.equal(parseFlags(["-h"]).kind, "help");
    assert.equal(parseFlags(["--version"]).kind, "version");
    assert.equal(parseFlags(["--hot-restart-version"]).kind, "hot-restart-version");
  });

  it("says what is wrong with the command line", () => {
    const table: readonly [args: string[], message: RegExp][] = [
      [[], /^a configuration is needed/],
      [["--confg-path", "a"], /^unknown flag --confg-path \(did you mean --config-path\?\)$/],
      [["-z"], /^unknown flag -z/],
      [["--zzzzzzzzzzzzzzz"], /^unknown flag --zzzzzzzzzzzzzzz$/],
      [["-c"], /^--config-path needs a value$/],
      [["--cpuset-threads=1", "-c", "a"], /^--cpuset-threads takes no value$/],
      [["-c", "a", "-c", "b"], /^--config-path is given twice$/],
      [["-c", "a", "b"], /^unexpected argument 'b'$/],
      [["-c", "a", "--concurrency", "x"], /^--concurrency wants a number, not 'x'$/],
      [["-c", "a", "--base-id", "x"], /^--base-id wants a number/],
      [["-c", "a", "--mode", "x"], /^--mode wants one of serve, validate, init_only, not 'x'$/],
      [["-c", "a", "-l", "x"], /^--log-level wants one of trace, /],
      [["-c", "a", "--drain-strategy", "x"], /^--drain-strategy wants one of/],
      [["-c", "a", "--stats-tag", "x"], /^--stats-tag wants NAME:VALUE, not 'x'$/],
    ];
    for (const [args, message] of table) assert.match(errorOf(...args), message, args.join(" "));
  });

  it("reports several bad values at once", () => {
    assert.equal(errorOf("--mode", "x", "--drain-time-s", "y").split("\n").length, 3);
  });
});

describe("flagsHelp", () => {
  it("names every flag", () => {
    for (const { name } of FLAGS) assert.match(flagsHelp(), new RegExp(`--${name}\\b`));
  });

  it("fits on lines of 110 characters", () => {
    for (const line of flagsHelp().split("\n")) assert.ok(line.length <= 110, line);
  });
});
