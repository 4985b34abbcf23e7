/** retry_on values as bits. Source: docs/root/configuration/http/http_filters/router_filter.rst. */
export const RetryOn = {
  ServerError: 1 << 0,
  GatewayError: 1 << 1,
  ConnectFailure: 1 << 2,
  Retriable4xx: 1 << 3,
  RefusedStream: 1 << 4,
  GrpcCancelled: 1 << 5,
  GrpcDeadlineExceeded: 1 << 6,
  GrpcResourceExhausted: 1 << 7,
  GrpcUnavailable: 1 << 8,
  GrpcInternal: 1 << 9,
  StatusCodes: 1 << 10,
  Reset: 1 << 11,
  Headers: 1 << 12,
  RateLimited: 1 << 13,
  ResetBeforeRequest: 1 << 14,
} as const;

const NAMES: ReadonlyMap<string, number> = new Map([
  ["5xx", RetryOn.ServerError],
  ["gateway-error", RetryOn.GatewayError],
  ["connect-failure", RetryOn.ConnectFailure],
  ["retriable-4xx", RetryOn.Retriable4xx],
  ["refused-stream", RetryOn.RefusedStream],
  ["cancelled", RetryOn.GrpcCancelled],
  ["deadline-exceeded", RetryOn.GrpcDeadlineExceeded],
  ["resource-exhausted", RetryOn.GrpcResourceExhausted],
  ["unavailable", RetryOn.GrpcUnavailable],
  ["internal", RetryOn.GrpcInternal],
  ["retriable-status-codes", RetryOn.StatusCodes],
  ["reset", RetryOn.Reset],
  ["retriable-headers", RetryOn.Headers],
  ["envoy-ratelimited", RetryOn.RateLimited],
  ["reset-before-request", RetryOn.ResetBeforeRequest],
]);

/** Bits of a comma-separated list; names that Envoy doesn't know are ignored, as there. */
export function parseRetryOn(text: string): number {
  let bits = 0;
  for (const name of text.split(",")) bits |= NAMES.get(name.trim()) ?? 0;
  return bits;
}

/** gRPC status → the bit that retries it; 0 for none. */
export function grpcRetryBit(status: number): number {
  switch (status) {
    case 1:
      return RetryOn.GrpcCancelled;
    case 4:
      return RetryOn.GrpcDeadlineExceeded;
    case 8:
      return RetryOn.GrpcResourceExhausted;
    case 13:
      return RetryOn.GrpcInternal;
    case 14:
      return RetryOn.GrpcUnavailable;
    default:
      return 0;
  }
}
