/**
 * Writes docs/support.md and packages/proxy/schema/bootstrap.schema.json from what the components declare
 * that they honour. `--check`: fails when the files are not current.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { jsonSchema } from "./json-schema.ts";
import { supportDocument } from "./support-document.ts";

const root = join(import.meta.dirname, "..", "..");

const files: readonly [path: string, text: string][] = [
  ["docs/support.md", supportDocument()],
  ["packages/proxy/schema/bootstrap.schema.json", `${JSON.stringify(jsonSchema(), null, 1)}\n`],
];

function current(path: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return "";
  }
}

const isCheck = process.argv.includes("--check");
for (const [path, text] of files) {
  if (current(path) === text) continue;
  if (isCheck) {
    console.error(`${path} is not current: node tools/run.mjs tools/support/generate.ts`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`written: ${path}`);
}
if (isCheck && process.exitCode !== 1) console.log("support.md and the schema are current");
