/** Starts the real proxy with a configuration, an origin beside it, and sends raw bytes. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const HCM =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";

export interface Origin {
  readonly port: number;
  readonly requests: { method: string; url: string; headers: string[]; body: string }[];
  close(): void;
}

/** An HTTP origin that records what it sees. */
export function startOrigin(
  handler: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<Origin> {
  const requests: Origin["requests"] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString("latin1");
    });
    request.on("end", () => {
      requests.push({
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.rawHeaders,
        body,
      });
      handler(request, response);
    });
  });
  return new Promise((resolve) => {
    server.unref();
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as net.AddressInfo).port,
        requests,
        close() {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

/** A bootstrap with one listener and one cluster `origin`; parts are YAML in flow style. */
export function bootstrap(
  originPort: number,
  parts: { hcm?: string; routes?: string; filters?: string; cluster?: string } = {},
): string {
  const flat = (text: string) => text.replaceAll("\n", " ");
  return `
admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
static_resources:
  listeners:
    - name: main
      address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
      filter_chains:
        - filters:
            - name: hcm
              typed_config:
                "@type": ${HCM}
                stat_prefix: test
                ${parts.hcm ?? ""}
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes: ${flat(parts.routes ?? '[{ match: { prefix: "/" }, route: { cluster: origin } }]')}
                http_filters: [${flat(parts.filters ?? "")} { name: router, typed_config: { "@type": ${ROUTER} } }]
  clusters:
    - name: origin
      type: STATIC
      ${parts.cluster ?? ""}
      load_assignment:
        cluster_name: origin
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${originPort} } } } }] }]
`;
}

export class ProxyUnderTest {
  readonly port: number;
  readonly adminPort: number;
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly output: () => string;

  private constructor(
    child: ChildProcess,
    folder: string,
    port: number,
    adminPort: number,
    output: () => string,
  ) {
    this.child = child;
    this.folder = folder;
    this.port = port;
    this.adminPort = adminPort;
    this.output = output;
  }

  /** Resolves when it is LIVE. Rejects with what it printed when it ends before. */
  static async start(yaml: string, args: readonly string[] = []): Promise<ProxyUnderTest> {
    const folder = mkdtempSync(join(tmpdir(), "legate-"));
    const config = join(folder, "config.yaml");
    const admin = join(folder, "admin");
    writeFileSync(config, yaml);
    const legate = join(root, "packages", "cli", "bin", "legate");
    const child = spawn(
      legate,
      ["-c", config, "--concurrency", "1", "--admin-address-path", admin, ...args],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let text = "";
    await new Promise<void>((resolve, reject) => {
      const look = (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("starting main dispatch loop")) resolve();
      };
      child.stdout?.on("data", look);
      child.stderr?.on("data", look);
      child.once("exit", (code) => reject(new Error(`exit code ${code}: ${text}`)));
    });
    const adminPort = Number(readFileSync(admin, "utf8").split(":")[1]);
    const listeners = await fetch(`http://127.0.0.1:${adminPort}/listeners`);
    const port = Number((await listeners.text()).trim().split(":").pop());
    return new ProxyUnderTest(child, folder, port, adminPort, () => text);
  }

  get printed(): string {
    return this.output();
  }

  async admin(path: string, method = "GET"): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`, { method });
    return response.text();
  }

  /** Sends bytes on a new connection and resolves to all that comes back until the proxy closes it. */
  send(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.port, "127.0.0.1", () => socket.write(bytes, "latin1"));
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
      });
      socket.on("close", () => resolve(text));
      socket.on("error", reject);
    });
  }

  /** Ends it with SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null> {
    return new Promise((resolve) => {
      this.child.removeAllListeners("exit");
      this.child.once("exit", (code) => {
        rmSync(this.folder, { recursive: true, force: true });
        resolve(code);
      });
      this.child.kill("SIGTERM");
    });
  }
}
