/** Processes on a core of their own, and what the kernel says of them. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as net from "node:net";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const START_PATIENCE_MS = 30_000;

export type ProxyName = "envoy" | "legate";
/** The proxy has a core; the load generator and the origin share the other. */
export const PROXY_CORE = 0;
export const LOAD_CORE = 1;

/** Clock ticks per second of /proc. */
const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

export class Pinned {
  readonly process: ChildProcess;
  private output = "";

  constructor(core: number, command: string, args: readonly string[]) {
    this.process = spawn("taskset", ["-c", String(core), command, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (data: Buffer) => {
        if (this.output.length < 100_000) this.output += data.toString();
      });
  }

  get printed(): string {
    return this.output;
  }

  /** The process behind launchers: the last of the only children. */
  get pid(): number {
    let pid = this.process.pid ?? 0;
    for (;;) {
      const children = childrenOf(pid);
      if (children.length !== 1) return pid;
      pid = children[0]!;
    }
  }

  /** CPU time of all its threads so far, µs. */
  cpuMicros(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
  }

  /** Resident memory, bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "latin1");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    process.kill(this.pid, "SIGKILL");
    await ended;
  }
}

function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").trim();
    if (text !== "") children.push(...text.split(" ").map(Number));
  }
  return children;
}

/** Resolves when the port accepts connections. */
export async function startProxy(
  name: ProxyName,
  config: string,
  port: number,
  folder: string,
): Promise<Pinned> {
  const path = join(folder, `${name}-${port}.json`);
  writeFileSync(path, config);
  const common = ["-c", path, "--concurrency", "1", "-l", "off"];
  const proxy =
    name === "envoy"
      ? new Pinned(PROXY_CORE, "envoy", [...common, "--use-dynamic-base-id"])
      : new Pinned(PROXY_CORE, join(root, "packages", "cli", "bin", "legate"), common);
  const deadline = performance.now() + START_PATIENCE_MS;
  while (!(await accepts(port))) {
    if (proxy.process.exitCode !== null || performance.now() > deadline) {
      await proxy.stop();
      throw new Error(`${name} doesn't start:\n${proxy.printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return proxy;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

export async function startOrigin(): Promise<{ origin: Pinned; port: number }> {
  const origin = new Pinned(LOAD_CORE, process.execPath, [join(import.meta.dirname, "origin.ts")]);
  while (!origin.printed.includes("\n")) {
    if (origin.process.exitCode !== null) throw new Error(`the origin ended:\n${origin.printed}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { origin, port: Number(origin.printed) };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
