// `npm test [-- files…]`: installs what is missing and runs the unit tests.
import { join } from "node:path";
import { root, runScript } from "./runtime.mjs";

runScript(join(root, "tools", "test.ts"), process.argv.slice(2));
