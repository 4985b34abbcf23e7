// `npm start`: the demo. `npm start -- -c envoy.yaml`: the proxy on a configuration of the user's own.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureInstalled, root, runScript } from "./runtime.mjs";

const args = process.argv.slice(2);
if (args.length === 0 || args[0].startsWith("--demo")) {
  runScript(join(root, "examples", "demo", "main.ts"), args);
} else {
  ensureInstalled();
  // Paths in the arguments are relative to where the user stands.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const child = spawn(join(root, "packages", "cli", "bin", "legate"), args, {
    cwd,
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)));
}
