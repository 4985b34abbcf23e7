/** The command as users start it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";

const legate = join(import.meta.dirname, "..", "bin", "legate");
const folder = mkdtempSync(join(tmpdir(), "legate-cli-"));
after(() => rmSync(folder, { recursive: true }));

const GOOD = `
admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
static_resources: { clusters: [{ name: a }] }
`;

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `stopAt`: it gets one SIGTERM once it has printed that. */
function run(args: readonly string[], stopAt: string | null = null): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(legate, args, { cwd: folder, timeout: 20_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      const hadIt = stopAt === null || stderr.includes(stopAt);
      stderr += chunk.toString();
      if (!hadIt && stderr.includes(stopAt)) child.kill("SIGTERM");
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("legate", { concurrency: 2 }, () => {
  it("lists verbs and flags with --help, -h and help", async () => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { code, stdout } = await run(args);
      assert.equal(code, 0);
      assert.match(stdout, /^ {2}run .*\n {2}validate /m);
      assert.match(stdout, /--config-path FILE/);
    }
  });

  it("explains one verb", async () => {
    const texts = [await run(["help", "validate"]), await run(["validate", "--help"])];
    for (const { code, stdout } of texts) {
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: legate validate \[flags\] FILE…/);
    }
    assert.match((await run(["run", "--help"])).stdout, /^Usage: legate \[run\] -c FILE/);
  });

  it("prints versions", async () => {
    assert.match((await run(["--version"])).stdout, /^legate version: \d+\.\d+\.\d+\/node-/);
    assert.equal((await run(["--hot-restart-version"])).stdout, "disabled\n");
  });

  it("refuses unknown verbs and flags with exit code 1", async () => {
    const verb = await run(["rnu"]);
    assert.deepEqual(
      [verb.code, verb.stderr],
      [1, "legate: unknown verb 'rnu'; verbs: run, validate, help\n"],
    );
    const flag = await run(["--mod", "validate"]);
    assert.equal(flag.code, 1);
    assert.match(flag.stderr, /^legate: unknown flag --mod \(did you mean --mode\?\)\n/);
  });

  it("validates with --mode validate", async () => {
    const good = await run(["-c", file("good.yaml", GOOD), "--mode", "validate"]);
    assert.deepEqual([good.code, good.stdout], [0, "configuration 'good.yaml' OK\n"]);
    const yaml = await run(["--config-yaml", "node: { id: a }", "--mode", "validate"]);
    assert.equal(yaml.code, 0);
  });

  it("runs, says which flags have no effect, and ends with 0 on SIGTERM", async () => {
    const { code, stderr } = await run(
      ["-c", file("run.yaml", GOOD), "--concurrency", "1", "--base-id", "1", "--cpuset-threads"],
      "starting main dispatch loop",
    );
    assert.equal(code, 0, stderr);
    const notes = stderr.split("\n").filter((line) => line.includes("without effect"));
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /--base-id --cpuset-threads$|--cpuset-threads --base-id$/);
  });
});

describe("legate validate", { concurrency: 2 }, () => {
  it("checks several files and reports the bad one", async () => {
    const args = ["validate", file("one.yaml", GOOD), file("two.yaml", "nod: {}\n")];
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 1);
    assert.equal(stdout, "configuration 'one.yaml' OK\n");
    assert.equal(
      stderr,
      "two.yaml:1:1: nod: Bootstrap has no field 'nod' (did you mean 'node'?)\n",
    );
  });

  it("warns where it is told to", async () => {
    const text = "nod: {}\nflags_path: x\n";
    const args = ["validate", "--allow-unsupported", "--allow-unknown-fields"];
    const { code, stderr } = await run([...args, file("odd.yaml", text)]);
    assert.equal(code, 0);
    assert.deepEqual(stderr.trimEnd().split("\n"), [
      "warning: odd.yaml:1:1: nod: Bootstrap has no field 'nod' (did you mean 'node'?)",
      "warning: odd.yaml:2:1: flags_path: 'flags_path' is not supported by Legate",
    ]);
  });

  it("wants a file and knows its flags", async () => {
    assert.match((await run(["validate"])).stderr, /^legate: validate: no file is named\n/);
    const { code, stderr } = await run(["validate", "--strict", "a.yaml"]);
    assert.equal(code, 1);
    assert.match(stderr, /^legate: validate: unknown flag --strict\n/);
  });
});
