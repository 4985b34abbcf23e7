/** Answers made here: local_reply_config, the gRPC form, and the headers of a plain text reply. */
import type { StreamInfo } from "@legate/filter-sdk";
import type { LocalReply, PreparedReply } from "../../filters/filter-chain.ts";
import type { Formatter } from "../../http/formatter/contracts.ts";
import { HeaderMap } from "../../http/header-map.ts";
import type { Route } from "../../router/route-table/contracts.ts";

/** A body format of local_reply_config. */
export interface ReplyBodyFormat {
  readonly formatter: Formatter;
  readonly contentType: string;
}

/** One mapper of local_reply_config. */
export interface ReplyMapper {
  matches(info: StreamInfo): boolean;
  /** 0: unchanged. */
  readonly statusCode: number;
  /** Null: unchanged. */
  readonly body: string | null;
  readonly bodyFormat: ReplyBodyFormat | null;
  addHeaders(headers: HeaderMap, info: StreamInfo): void;
}

export interface LocalReplyConfig {
  readonly mappers: readonly ReplyMapper[];
  /** Null: the body as it is, text/plain. */
  readonly bodyFormat: ReplyBodyFormat | null;
}

const EMPTY = new Uint8Array(0);

/** HTTP status → gRPC status. Source: source/common/grpc/status.cc. */
function grpcStatusOf(code: number): number {
  switch (code) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

/** `application/grpc` with an optional suffix or parameters. */
export function isGrpcContentType(value: string | undefined): boolean {
  if (value === undefined || !value.startsWith("application/grpc")) return false;
  const next = value.charCodeAt(16);
  return Number.isNaN(next) || next === 0x2b || next === 0x3b;
}

/**
 * The headers and body to send. Sets the stream's response code and, for formats, its local reply
 * body. HEAD keeps the headers of the body that it doesn't get.
 */
export function prepareLocalReply(
  reply: LocalReply,
  config: LocalReplyConfig,
  info: StreamInfo,
  requestHeaders: HeaderMap | null,
  route: Route | null,
): PreparedReply {
  let code = reply.code;
  let body: string | Uint8Array = reply.body;
  let contentType = "text/plain";
  info.responseCode = code;
  const headers = new HeaderMap();
  headers.append(":status", String(code));
  route?.finalizeResponseHeaders(headers, info);
  for (let i = 0; reply.headers !== null && i + 1 < reply.headers.length; i += 2)
    headers.add(reply.headers[i]!, reply.headers[i + 1]!);
  let format = config.bodyFormat;
  for (const mapper of config.mappers) {
    if (!mapper.matches(info)) continue;
    if (mapper.body !== null) body = mapper.body;
    mapper.addHeaders(headers, info);
    if (mapper.statusCode !== 0) {
      code = mapper.statusCode;
      info.responseCode = code;
      headers.set(":status", String(code));
    }
    format = mapper.bodyFormat ?? format;
    break;
  }
  if (format !== null) {
    info.localReplyBody = typeof body === "string" ? body : Buffer.from(body).toString("latin1");
    info.responseHeaders ??= headers;
    body = format.formatter.format(info);
    contentType = format.contentType;
  }
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  if (isGrpcContentType(requestHeaders?.get("content-type")))
    return grpcReply(reply, code, bytes, headers);
  if (bytes.length > 0) {
    headers.set("content-length", String(bytes.length));
    if (!headers.has("content-type") || format !== null) headers.set("content-type", contentType);
  } else {
    headers.remove("content-length");
    headers.remove("content-type");
  }
  const isHead = requestHeaders?.get(":method") === "HEAD";
  return { headers, body: isHead ? EMPTY : bytes };
}

/** Trailers-only gRPC: status 200, the message percent-encoded, no body. */
function grpcReply(
  reply: LocalReply,
  code: number,
  body: Uint8Array,
  headers: HeaderMap,
): PreparedReply {
  const status = reply.grpcStatus >= 0 ? reply.grpcStatus : grpcStatusOf(code);
  headers.set(":status", "200");
  headers.set("content-type", "application/grpc");
  headers.set("grpc-status", String(status));
  if (body.length > 0) headers.set("grpc-message", encodeGrpcMessage(body));
  headers.remove("content-length");
  return { headers, body: EMPTY };
}

function encodeGrpcMessage(body: Uint8Array): string {
  let out = "";
  for (const byte of body) {
    if (byte >= 0x20 && byte <= 0x7e && byte !== 0x25) out += String.fromCharCode(byte);
    else out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}
