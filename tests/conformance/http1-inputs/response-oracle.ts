/** Lets an origin answer the real Envoy with the raw responses and prints what Envoy makes of each. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RESPONSES } from "./responses.ts";

const directory = mkdtempSync(join(tmpdir(), "http1-responses-"));
const free = createServer().listen(0, "127.0.0.1");
await delay(20);
const port = (free.address() as AddressInfo).port;
free.close();
/** Connections that served each input: two when the second request could not use the first one's. */
const used: number[][] = RESPONSES.map(() => []);
let connections = 0;
const origin = createServer((socket) => {
  const id = connections++;
  socket.on("error", () => {});
  socket.on("data", (data) => {
    const path = /^\w+ \/(\d+) /.exec(data.toString("latin1"))?.[1];
    if (path === undefined) return;
    const [, bytes, , closes] = RESPONSES[Number(path)]!;
    used[Number(path)]!.push(id);
    socket.write(bytes, "latin1");
    if (closes === true) socket.end();
  });
}).listen(0, "127.0.0.1");
await delay(20);
const type = (name: string): string => `type.googleapis.com/${name}`;
const config = {
  static_resources: {
    listeners: [
      {
        name: "l",
        address: { socket_address: { address: "127.0.0.1", port_value: port } },
        filter_chains: [
          {
            filters: [
              {
                name: "hcm",
                typed_config: {
                  "@type": type(
                    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                  ),
                  stat_prefix: "s",
                  access_log: [
                    {
                      name: "f",
                      typed_config: {
                        "@type": type("envoy.extensions.access_loggers.file.v3.FileAccessLog"),
                        path: join(directory, "access.log"),
                        log_format: {
                          text_format_source: {
                            inline_string:
                              "%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %RESPONSE_FLAGS% %UPSTREAM_TRANSPORT_FAILURE_REASON%\n",
                          },
                        },
                      },
                    },
                  ],
                  route_config: {
                    virtual_hosts: [
                      {
                        name: "v",
                        domains: ["*"],
                        routes: [
                          { match: { prefix: "/" }, route: { cluster: "c", timeout: "1s" } },
                        ],
                      },
                    ],
                  },
                  http_filters: [
                    {
                      name: "router",
                      typed_config: {
                        "@type": type("envoy.extensions.filters.http.router.v3.Router"),
                      },
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
    clusters: [
      {
        name: "c",
        type: "STATIC",
        load_assignment: {
          cluster_name: "c",
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: {
                    address: {
                      socket_address: {
                        address: "127.0.0.1",
                        port_value: (origin.address() as AddressInfo).port,
                      },
                    },
                  },
                },
              ],
            },
          ],
        },
      },
    ],
  },
};
writeFileSync(join(directory, "envoy.json"), JSON.stringify(config));
const envoy = spawn(
  "envoy",
  [
    "-c",
    join(directory, "envoy.json"),
    "--use-dynamic-base-id",
    "--concurrency",
    "1",
    "--file-flush-interval-msec",
    "50",
    "-l",
    "error",
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);
const killer = setTimeout(() => envoy.kill("SIGKILL"), 120_000);

function ask(method: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    });
    socket.setTimeout(1500, () => socket.destroy());
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("end", () => socket.destroy());
    socket.on("close", () => resolve(text));
  });
}

for (let i = 0; i < 100; i++) {
  await delay(50);
  if ((await ask("GET", "/none")) !== "") break;
}
const answers: string[] = [];
for (let i = 0; i < RESPONSES.length; i++) {
  const method = RESPONSES[i]![2] ?? "GET";
  answers.push(await ask(method, `/${i}`));
  // Again, to see whether the connection is used again.
  if (!answers[i]!.startsWith("HTTP/1.1 50")) await ask(method, `/${i}`);
}
await delay(300);
envoy.kill("SIGTERM");
clearTimeout(killer);
const log = readFileSync(join(directory, "access.log"), "latin1").split("\n");
for (let i = 0; i < RESPONSES.length; i++) {
  const logged = log.find((line) => line.startsWith(`/${i} `))?.slice(`/${i} `.length) ?? "";
  const answer = answers[i]!.split("\r\n")
    .filter((line) => !/^(date|server|x-envoy|connection)/.test(line) && line.length < 300)
    .join("\r\n");
  const [first, second] = used[i]!;
  console.log(
    JSON.stringify([
      RESPONSES[i]![0],
      logged,
      answer.slice(0, 400),
      second !== undefined && first === second,
    ]),
  );
}
origin.close();
rmSync(directory, { recursive: true });
process.exit(0);
