/** Builds snoop.wasm from AssemblyScript; does nothing when it is newer than its source. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const source = join(import.meta.dirname, "assembly", "index.ts");

/** Returns the path of the module. Throws with the compiler's output when it doesn't compile. */
export function buildSnoop(): string {
  const target = join(root, ".cache", "plugins", "assemblyscript", "snoop.wasm");
  if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) return target;
  mkdirSync(dirname(target), { recursive: true });
  const asc = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
  const args = [
    asc,
    source,
    "--outFile",
    target,
    "--runtime",
    "minimal",
    "-O3",
    "--use",
    "abort=assembly/index/onAbort",
  ];
  const result = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" });
  if (result.status !== 0) throw new Error(`asc failed:\n${result.stdout}${result.stderr}`);
  return target;
}

if (process.argv[1] === import.meta.filename) console.log(buildSnoop());
