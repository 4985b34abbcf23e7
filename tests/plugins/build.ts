/** Builds the Go plugins of the tests and examples; skips what is newer than its sources. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const sdk = join(root, "packages", "plugin-sdk-go");
const output = join(root, ".cache", "plugins", "go");

/** The path of a built plugin. */
export function goPlugin(name: string): string {
  return join(output, `${name}.wasm`);
}

/** Builds every folder of tests/plugins/go, and the snoop example. Throws with the compiler's output. */
export function buildGoPlugins(report: (line: string) => void): void {
  const sources = join(import.meta.dirname, "go");
  const names = readdirSync(sources, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const folders: [string, string][] = names.map(({ name }) => [name, join(sources, name)]);
  folders.push(["snoop", join(root, "examples", "snoop", "go")]);
  mkdirSync(output, { recursive: true });
  const sdkTime = newest(sdk);
  for (const [name, folder] of folders) {
    const target = goPlugin(name);
    const isCurrent =
      existsSync(target) && statSync(target).mtimeMs > Math.max(sdkTime, newest(folder));
    if (isCurrent) continue;
    report(`building ${name}`);
    build(folder, target);
  }
}

function build(folder: string, target: string): void {
  const result = spawnSync(
    "go",
    ["build", "-buildmode=c-shared", "-ldflags=-s", "-o", target, "."],
    { cwd: folder, encoding: "utf8", env: { ...process.env, GOOS: "wasip1", GOARCH: "wasm" } },
  );
  if (result.error !== undefined) throw new Error(`go can't be run: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${folder}:\n${result.stdout}${result.stderr}`);
}

/** The latest change below a folder, ms since the epoch. */
function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs));
}

if (process.argv[1] === import.meta.filename) buildGoPlugins((line) => console.log(line));
