/** Sends the raw inputs to the real Envoy and prints what it makes of each: `oracle.ts [option=value…]`. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { INPUTS } from "./inputs.ts";

/** What a Lua filter sees after the whole request has arrived comes back as the body of a 200. */
const LUA = `
function envoy_on_request(h)
  local s = ""
  for k, v in pairs(h:headers()) do
    if k ~= "x-request-id" and k ~= "x-forwarded-proto" and k ~= ":scheme" and #v < 500 then s = s .. k .. "=" .. v .. "|" end
  end
  if h:headers():get(":method") ~= "CONNECT" then
    local b = h:body()
    if b then s = s .. "body=" .. b:getBytes(0, b:length()) .. "|" end
    local t = h:trailers()
    if t then for k, v in pairs(t) do s = s .. "trailer " .. k .. "=" .. v .. "|" end end
  end
  h:respond({[":status"] = "200"}, s)
end`;

const overrides = JSON.parse(process.argv[2] ?? "{}") as Record<string, unknown>;
const directory = mkdtempSync(join(tmpdir(), "http1-inputs-"));
const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
});
const hcm = {
  "@type":
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  stat_prefix: "s",
  codec_type: "HTTP1",
  delayed_close_timeout: "0.1s",
  request_headers_timeout: "2s",
  access_log: [
    {
      name: "f",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
        path: join(directory, "access.log"),
        log_format: {
          text_format_source: {
            inline_string:
              "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %RESPONSE_FLAGS% %PROTOCOL%\n",
          },
        },
      },
    },
  ],
  upgrade_configs: [{ upgrade_type: "websocket" }],
  route_config: {
    virtual_hosts: [
      {
        name: "v",
        domains: ["*"],
        routes: [
          { match: { prefix: "/" }, direct_response: { status: 299 } },
          { match: { connect_matcher: {} }, direct_response: { status: 298 } },
        ],
      },
    ],
  },
  http_filters: [
    {
      name: "lua",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        default_source_code: { inline_string: LUA },
      },
    },
    {
      name: "router",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
      },
    },
  ],
  ...overrides,
};
const config = {
  static_resources: {
    listeners: [
      {
        name: "l",
        address: { socket_address: { address: "127.0.0.1", port_value: port } },
        filter_chains: [{ filters: [{ name: "hcm", typed_config: hcm }] }],
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
const killer = setTimeout(() => envoy.kill("SIGKILL"), 60_000);

interface Outcome {
  local: string;
  text: string;
  closed: boolean;
}

function send(raw: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { local: "", text: "", closed: false };
    const socket = connect(port, "127.0.0.1", () => {
      outcome.local = `127.0.0.1:${socket.localPort}`;
      socket.write(raw, "latin1");
      setTimeout(() => socket.destroy(), 700);
    });
    socket.on("data", (data) => {
      outcome.text += data.toString("latin1");
    });
    socket.on("end", () => {
      outcome.closed = true;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(outcome));
  });
}

for (let i = 0; i < 100; i++) {
  await delay(50);
  if ((await send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")).text !== "") break;
}
const outcomes: Outcome[] = [];
for (let i = 0; i < INPUTS.length; i += 20) {
  outcomes.push(...(await Promise.all(INPUTS.slice(i, i + 20).map((row) => send(row[1])))));
}
await delay(300);
envoy.kill("SIGTERM");
clearTimeout(killer);
const log = readFileSync(join(directory, "access.log"), "latin1").split("\n");
for (let i = 0; i < INPUTS.length; i++) {
  const { local, text, closed } = outcomes[i]!;
  const logged = log
    .filter((line) => line.startsWith(`${local} `))
    .map((line) => line.slice(local.length + 1));
  const responses = text.split(/(?=HTTP\/1\.[01] )/).map((response) => {
    const [head, body] = response.split("\r\n\r\n");
    const close = head!.includes("connection: close") ? " close" : "";
    return `${head!.slice(0, 12)}${close} ${JSON.stringify(body ?? "")}`;
  });
  console.log(JSON.stringify([INPUTS[i]![0], logged, responses.join(" // "), closed]));
}
rmSync(directory, { recursive: true });
