// Finds the pinned runtime, installing what is missing. Plain JavaScript: runs on any Node from 20.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

function pinnedNode() {
  const os = process.platform === "darwin" ? "darwin" : "linux";
  return join(root, "node_modules", `node-${os}-${process.arch}`, "bin", "node");
}

/** The runtime's path; runs `npm install` first when it, or a newer lock file, asks for it. */
export function ensureInstalled() {
  const marker = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  const isCurrent = existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs - 1000;
  if (!isCurrent || !existsSync(pinnedNode())) {
    console.log("Installing packages (once) …");
    const result = spawnSync(
      "npm",
      ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"],
      {
        cwd: root,
        stdio: "inherit",
      },
    );
    if (result.status !== 0) {
      console.error("npm install failed; see the lines above.");
      process.exit(1);
    }
  }
  const node = pinnedNode();
  if (existsSync(node)) return node;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `No pinned runtime for ${process.platform}-${process.arch}; install Node 22.18 or newer.`,
  );
  process.exit(1);
}

/** Runs a TypeScript file on the pinned runtime, passes signals on, and exits as it does. */
export function runScript(file, args) {
  const child = spawn(ensureInstalled(), [file, ...args], { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)));
}
