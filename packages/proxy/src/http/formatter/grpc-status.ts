/** gRPC status codes by number, as access logs name them. Source: google.rpc.Code. */
import type { StreamInfo } from "@legate/filter-sdk";

export const GRPC_CAMEL_NAMES: readonly string[] = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
];

export const GRPC_SNAKE_NAMES: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** HTTP status to gRPC code, for responses without grpc-status; others are Unknown (2). */
const FROM_HTTP: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};

/**
 * From trailers, headers, else the HTTP code where `inferred`; -1 unless the request or response is
 * gRPC. Source: source/common/grpc/common.cc, getGrpcStatus.
 */
export function grpcStatus(info: StreamInfo, inferred: boolean): number {
  const text =
    info.responseTrailers?.get("grpc-status") ?? info.responseHeaders?.get("grpc-status");
  if (text !== undefined) return /^\d+$/.test(text) ? Number(text) : -1;
  if (!inferred || info.responseCode === 0) return -1;
  return info.responseCode === 200 ? -1 : grpcStatusOfHttp(info.responseCode);
}

export function grpcStatusOfHttp(code: number): number {
  return FROM_HTTP[code] ?? 2;
}

/** Whether the request's content type says gRPC. */
export function isGrpcRequest(info: StreamInfo): boolean {
  const type = info.requestHeaders?.get("content-type") ?? "";
  return type === "application/grpc" || /^application\/grpc[+;]/.test(type);
}
