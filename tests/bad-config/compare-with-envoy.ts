/** Asks the real Envoy about the same files: it must refuse the bad ones and take the odd ones. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const expected = readFileSync(join(here, "expected.txt"), "utf8");

function envoyTakes(folder: string, file: string): boolean {
  const args = ["--mode", "validate", "-l", "off", "-c", file];
  const { status, error } = spawnSync("envoy", args, { cwd: join(here, folder), timeout: 20_000 });
  if (error !== undefined) throw error;
  return status === 0;
}

const wrong: string[] = [];
for (const file of readdirSync(join(here, "configs"))) {
  const line = expected.split("\n").find((text) => text.startsWith(`${file}:`)) ?? "";
  if (envoyTakes("configs", file) && !line.includes("supported by Legate"))
    wrong.push(`Envoy takes configs/${file}, which Legate refuses: ${line}`);
}
for (const file of readdirSync(join(here, "odd-but-good")))
  if (!envoyTakes("odd-but-good", file)) wrong.push(`Envoy refuses odd-but-good/${file}`);
for (const line of wrong) console.error(line);
console.log(
  wrong.length === 0 ? "bad configs: Envoy agrees" : `bad configs: ${wrong.length} differ`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
