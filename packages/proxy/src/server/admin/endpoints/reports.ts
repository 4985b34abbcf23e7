/** GET endpoints that print one small thing. */
import { memoryUsage } from "node:process";
import { type AdminEndpoint, type AdminReply, jsonReply, textReply } from "../endpoint.ts";
import type { AdminSources } from "../sources.ts";

function report(
  path: string,
  help: string,
  handle: (sources: AdminSources, params: URLSearchParams) => AdminReply,
): AdminEndpoint {
  return { path, method: "GET", help, handle };
}

function listeners(sources: AdminSources, params: URLSearchParams): AdminReply {
  const all = sources.listeners();
  if (params.get("format") === "json") {
    return jsonReply({
      listener_statuses: all.map(({ name, ip, port }) => ({
        name,
        local_address: { socket_address: { address: ip, port_value: port } },
      })),
    });
  }
  const line = (ip: string, port: number): string =>
    ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
  return textReply(all.map(({ name, ip, port }) => `${name}::${line(ip, port)}\n`).join(""));
}

function memory(): AdminReply {
  const { heapUsed, heapTotal, external, rss } = memoryUsage();
  return jsonReply({
    allocated: String(heapUsed + external),
    heap_size: String(heapTotal + external),
    pageheap_unmapped: "0",
    pageheap_free: String(heapTotal - heapUsed),
    total_thread_cache: "0",
    total_physical_bytes: String(rss),
  });
}

export const reports: readonly AdminEndpoint[] = [
  report("/listeners", "print listener info", listeners),
  report("/server_info", "print server version/status information", (sources) =>
    jsonReply(sources.serverInfo()),
  ),
  report("/memory", "print current allocation/heap usage", memory),
  report("/certs", "print certs on machine", () => jsonReply({ certificates: [] })),
  report("/runtime", "print runtime values", () => jsonReply({ entries: {}, layers: [] })),
  report("/init_dump", "dump current Envoy init manager information (experimental)", (sources) =>
    jsonReply(sources.initDump()),
  ),
  report("/hot_restart_version", "print the hot restart compatibility version", () =>
    textReply("disabled"),
  ),
];
