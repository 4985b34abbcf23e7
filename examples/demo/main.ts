/**
 * `npm start`: service A calls service B through Legate, with a Wasm plugin and a TypeScript filter.
 *
 *     you ──▶ A ──▶ Legate (snoop, hello-filter, retries) ──▶ B1
 *                                                         └──▶ B2, flaky
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import { join, relative } from "node:path";
import { buildSnoop } from "../snoop/build.ts";
import { type Service, startA, startB } from "./services.ts";

const root = join(import.meta.dirname, "..", "..");
const work = join(root, ".cache", "demo");
const usesColour = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
const paint = (code: number) => (text: string) =>
  usesColour ? `\x1b[${code}m${text}\x1b[0m` : text;
const bold = paint(1);
const dim = paint(2);
const green = paint(32);
const cyan = paint(36);
const yellow = paint(33);

const once = process.argv.includes("--demo-once");

function step(text: string): void {
  console.log(`${green("•")} ${text}`);
}

/** A port that is free now; the proxy binds it a moment later. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function fetchText(
  url: string,
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    request.on("error", reject);
  });
}

/** The proxy's process and the lines that it has printed. */
class ProxyProcess {
  readonly lines: string[] = [];
  readonly process: ChildProcess;
  private readonly listeners: (() => void)[] = [];

  constructor(configPath: string, adminPath: string) {
    const legate = join(root, "packages", "cli", "bin", "legate");
    const args = [
      "-c",
      configPath,
      "--concurrency",
      "1",
      "--admin-address-path",
      adminPath,
      "--file-flush-interval-msec",
      "100",
    ];
    this.process = spawn(legate, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        this.lines.push(...lines);
        for (const listener of this.listeners) listener();
      });
    }
  }

  /** Resolves when a printed line contains `text`; rejects when the proxy ends first. */
  sees(text: string, from = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.lines.slice(from).some((line) => line.includes(text))) resolve();
      };
      this.listeners.push(look);
      this.process.once("exit", (code) => {
        reject(new Error(`the proxy ended with code ${code}:\n${this.lines.join("\n")}`));
      });
      look();
    });
  }
}

async function main(): Promise<void> {
  console.log(bold("\nLegate demo"), dim("A calls B only through its sidecar\n"));
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });

  const services: Service[] = [];
  const b1 = await startB("b1", 0);
  const b2 = await startB("b2", 2);
  const egress = await freePort();
  const a = await startA(egress);
  services.push(b1, b2, a);
  step(
    `service B: two instances, ${cyan(`:${b1.port}`)} and ${cyan(`:${b2.port}`)} (flaky: every second answer is a 503)`,
  );

  const snoop = buildSnoop();
  step(`Wasm plugin ${cyan("snoop")} is built from AssemblyScript: ${dim(relative(root, snoop))}`);

  const values: Record<string, string> = {
    SNOOP_WASM: snoop,
    EGRESS_PORT: String(egress),
    HELLO_FILTER: join(root, "examples", "hello-filter", "filter.ts"),
    B1_PORT: String(b1.port),
    B2_PORT: String(b2.port),
  };
  const template = readFileSync(join(import.meta.dirname, "legate.yaml"), "utf8");
  const configPath = join(work, "legate.yaml");
  writeFileSync(
    configPath,
    template.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
  );
  const adminPath = join(work, "admin-address");
  const proxy = new ProxyProcess(configPath, adminPath);
  const stop = () => {
    proxy.process.kill("SIGTERM");
    for (const service of services) service.close();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);

  try {
    await proxy.sees("starting main dispatch loop");
    const admin = `http://${readFileSync(adminPath, "utf8").trim()}`;
    step(
      `Legate listens on ${cyan(`127.0.0.1:${egress}`)} for A, and as Envoy would, on ${cyan(admin)} for you`,
    );
    await traceOne(proxy, a.port);
    await balance(a.port);
    console.log(`\n${bold("Look around")}`);
    console.log(`  service A        ${cyan(`http://127.0.0.1:${a.port}/`)}`);
    console.log(`  through Legate   ${cyan(`curl -i http://127.0.0.1:${egress}/`)}`);
    console.log(`  admin            ${cyan(`${admin}/`)}  /stats  /clusters  /config_dump  /help`);
    console.log(`  configuration    ${cyan(join("examples", "demo", "legate.yaml"))}`);
    console.log(
      `  the plugins      ${cyan("examples/snoop")} (Wasm), ${cyan("examples/hello-filter")} (TypeScript)`,
    );
    if (once) stop();
    else console.log(dim("\n  Ctrl-C ends the demo.\n"));
  } catch (error) {
    stop();
    throw error;
  }
  await new Promise((resolve) => proxy.process.once("exit", resolve));
}

/** One request, and what the proxy said of it. */
async function traceOne(proxy: ProxyProcess, port: number): Promise<void> {
  console.log(`\n${bold("One request")}  you → A → Legate → B`);
  const from = proxy.lines.length;
  const answer = await fetchText(`http://127.0.0.1:${port}/greet`);
  await proxy.sees("access log: GET /greet", from);
  for (const line of proxy.lines.slice(from)) {
    const snooped = /wasm log snoop: (request |response)\s+(.*)$/.exec(line);
    if (snooped !== null) console.log(`  ${dim("snoop")} ${snooped[1]}  ${snooped[2]}`);
    if (line.startsWith("access log:"))
      console.log(`  ${dim("access log")}      ${line.slice(12)}`);
  }
  console.log(`  ${dim("answer")}          ${answer.status} ${yellow(answer.body.trim())}`);
  console.log(
    `  ${dim("header")}          x-greeting: ${answer.headers["x-greeting"]} ${dim("(hello-filter)")}`,
  );
}

/** Ten requests: both instances serve, and no failure of B2 shows. */
async function balance(port: number): Promise<void> {
  console.log(`\n${bold("Ten more")}  load balancing, and retries that hide B2's failures`);
  let line = " ";
  for (let i = 0; i < 10; i++) {
    const answer = await fetchText(`http://127.0.0.1:${port}/`);
    line += ` ${answer.headers["x-instance"]}:${answer.status}`;
  }
  console.log(line);
}

await main();
