// `node tools/run.mjs FILE.ts [arguments]`: runs a TypeScript file of this repository.
import { resolve } from "node:path";
import { runScript } from "./runtime.mjs";

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("Usage: node tools/run.mjs FILE.ts [arguments]");
  process.exit(1);
}
runScript(resolve(file), args);
