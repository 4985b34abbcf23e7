/** One proxy process, Envoy or Legate: started with a bootstrap, asked over admin, ended by its pid. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Kind = "envoy" | "legate";

/** The configuration was refused, or the process ended while starting. */
export class StartError extends Error {}

export class ProxyProcess {
  /** Listener name → port. */
  readonly ports: ReadonlyMap<string, number>;
  readonly adminPort: number;
  private readonly child: ChildProcess;
  private readonly log: { text: string };

  private constructor(
    child: ChildProcess,
    adminPort: number,
    ports: ReadonlyMap<string, number>,
    log: { text: string },
  ) {
    this.child = child;
    this.adminPort = adminPort;
    this.ports = ports;
    this.log = log;
  }

  /** Resolves when it is LIVE. `folder` keeps its files. Throws StartError with what it printed. */
  static async start(kind: Kind, root: string, folder: string, config: string) {
    const configPath = join(folder, "bootstrap.json");
    const adminPath = join(folder, "admin");
    writeFileSync(configPath, config);
    const command = kind === "envoy" ? "envoy" : join(root, "packages", "cli", "bin", "legate");
    const args = ["-c", configPath, "--concurrency", "1", "--admin-address-path", adminPath];
    args.push("--use-dynamic-base-id", "--file-flush-interval-msec", "50", "-l", "info");
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const log = { text: "" };
    child.stdout?.on("data", (chunk: Buffer) => {
      log.text += chunk.toString("latin1");
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      log.text += chunk.toString("latin1");
    });
    const failed = new Promise<never>((_, reject) => {
      child.once("exit", (code) => reject(new StartError(`exit code ${code}\n${log.text}`)));
      child.once("error", (cause) => reject(new StartError(`${command}: ${cause.message}`)));
    });
    failed.catch(() => {});
    try {
      const adminPort = await Promise.race([live(adminPath, log), failed]);
      const response = await fetch(`http://127.0.0.1:${adminPort}/listeners?format=json`);
      return new ProxyProcess(child, adminPort, portsIn(await response.text()), log);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
  get exit(): string {
    return `exit code ${this.child.exitCode}, signal ${this.child.signalCode}`;
  }
  /** All that it has printed. */
  get printed(): string {
    return this.log.text;
  }

  async admin(path: string, method = "GET"): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`, {
      method,
      signal: AbortSignal.timeout(5000),
    });
    return response.text();
  }

  /** Ends it, by force after 3 s. */
  stop(): Promise<void> {
    if (this.hasExited) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => this.child.kill("SIGKILL"), 3000);
      this.child.once("exit", () => {
        clearTimeout(force);
        resolve();
      });
      this.child.kill("SIGTERM");
    });
  }
}

async function live(adminPath: string, log: { text: string }): Promise<number> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const port = portIn(adminPath);
    if (port === 0) continue;
    try {
      const response = await fetch(`http://127.0.0.1:${port}/ready`);
      if ((await response.text()).trim() === "LIVE") return port;
    } catch {
      // Not listening yet.
    }
  }
  throw new StartError(`not LIVE after 30 s\n${log.text}`);
}

function portIn(adminPath: string): number {
  try {
    return Number(readFileSync(adminPath, "utf8").trim().split(":").pop());
  } catch {
    return 0;
  }
}

function portsIn(json: string): Map<string, number> {
  const listeners = JSON.parse(json) as {
    listener_statuses: {
      name: string;
      local_address: { socket_address: { port_value: number } };
    }[];
  };
  return new Map(
    listeners.listener_statuses.map((listener) => [
      listener.name,
      listener.local_address.socket_address.port_value,
    ]),
  );
}
