/** What the connection manager does to response headers after the filters, in Envoy's order. */
import type { HeaderMap } from "../../http/header-map.ts";

export const ServerHeader = { Overwrite: 0, AppendIfAbsent: 1, PassThrough: 2 } as const;
export type ServerHeader = (typeof ServerHeader)[keyof typeof ServerHeader];

export interface ResponseHeaderOptions {
  readonly serverName: string;
  readonly serverHeader: ServerHeader;
  readonly via: string;
  /** always_set_request_id_in_response. */
  readonly setsRequestId: boolean;
}

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** `dateText` is used when the response has no date. `isUpgrade`: a 101 keeps connection and upgrade. */
export function mutateResponseHeaders(
  headers: HeaderMap,
  requestHeaders: HeaderMap | null,
  options: ResponseHeaderOptions,
  dateText: string,
  isUpgrade: boolean,
): void {
  const { names } = headers;
  let hasDate = false;
  let hasServer = false;
  for (let i = names.length - 1; i >= 0; i--) {
    const name = names[i]!;
    if (name === "date") hasDate = true;
    else if (name === "server") hasServer = true;
    else if (HOP_BY_HOP.has(name)) {
      if (isUpgrade && (name === "connection" || name === "upgrade")) continue;
      names.splice(i, 1);
      headers.values.splice(i, 1);
    }
  }
  if (!hasDate) headers.append("date", dateText);
  if (options.serverHeader === ServerHeader.Overwrite) {
    if (hasServer) headers.set("server", options.serverName);
    else headers.append("server", options.serverName);
  } else if (options.serverHeader === ServerHeader.AppendIfAbsent && !hasServer) {
    headers.append("server", options.serverName);
  }
  if (options.setsRequestId) {
    const id = requestHeaders?.get("x-request-id");
    if (id !== undefined) headers.set("x-request-id", id);
  }
  if (options.via !== "") {
    const via = headers.get("via");
    headers.set("via", via === undefined ? options.via : `${via}, ${options.via}`);
  }
}

let cachedSecond = -1;
let cachedDate = "";

/** RFC 9110 §5.6.7 date of `nowMs`, made once a second. */
export function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedDate = new Date(second * 1000).toUTCString();
  }
  return cachedDate;
}
