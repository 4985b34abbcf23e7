/** The admin HTTP server of the main thread: finds the endpoint, writes its reply. */
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HonouredFields } from "../../extension.ts";
import { type AdminEndpoint, type AdminReply, textReply } from "./endpoint.ts";
import { builtInEndpoints, helpText } from "./endpoints.ts";
import type { AdminSources } from "./sources.ts";

/** admin.access_log isn't honoured: it is refused. */
export const adminHonours: HonouredFields = { "envoy.config.bootstrap.v3.Admin": ["address"] };

export interface AdminServerOptions {
  readonly ip: string;
  readonly port: number;
  /** `--admin-address-path`: gets `ip:port` as bound. */
  readonly addressPath: string | null;
}

export class AdminServer {
  private readonly sources: AdminSources;
  private readonly endpoints = new Map<string, AdminEndpoint>();
  private readonly server: Server;

  /** `extra` are endpoints of our own, under /legate/. */
  constructor(sources: AdminSources, extra: readonly AdminEndpoint[] = []) {
    this.sources = sources;
    for (const endpoint of [...builtInEndpoints, ...extra])
      this.endpoints.set(endpoint.path, endpoint);
    this.server = createServer((request, response) => this.onRequest(request, response));
  }

  /** Resolves to the bound address; rejects when it can't be bound or written. */
  async listen({
    ip,
    port,
    addressPath,
  }: AdminServerOptions): Promise<{ ip: string; port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, ip, () => {
        this.server.off("error", reject);
        resolve();
      });
    });
    const bound = this.server.address() as AddressInfo;
    const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
    if (addressPath !== null) writeFileSync(addressPath, `${host}:${bound.port}`);
    return { ip: bound.address, port: bound.port };
  }

  /** Ends idle connections at once and resolves when the others are done. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
  }

  private onRequest(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { status, contentType, body } = this.reply(request.method ?? "GET", request.url ?? "/");
    response.writeHead(status, {
      "content-type": contentType,
      "cache-control": "no-cache, max-age=0",
      "x-content-type-options": "nosniff",
      server: "envoy",
      "transfer-encoding": "chunked",
    });
    response.end(body);
  }

  private reply(method: string, url: string): AdminReply {
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const endpoint = this.endpoints.get(path);
    if (endpoint === undefined) return textReply(`invalid path. ${helpText()}`, 404);
    if (endpoint.method === "POST" && method !== "POST") {
      return textReply(`Method ${method} not allowed, POST required.`, 405);
    }
    return endpoint.handle(this.sources, new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)));
  }
}
