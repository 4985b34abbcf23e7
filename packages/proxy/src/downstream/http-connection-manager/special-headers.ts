/** Which of the headers that the connection manager acts on a request has: one pass, one bit each. */
import type { HeaderMap } from "../../http/header-map.ts";

export const Special = {
  Connection: 1 << 0,
  Upgrade: 1 << 1,
  Te: 1 << 2,
  /** keep-alive, proxy-connection, transfer-encoding: always removed. */
  HopByHop: 1 << 3,
  Referer: 1 << 4,
  XEnvoyInternal: 1 << 5,
  XForwardedFor: 1 << 6,
  XForwardedProto: 1 << 7,
  XForwardedPort: 1 << 8,
  XRequestId: 1 << 9,
  UserAgent: 1 << 10,
  Via: 1 << 11,
  XEnvoyExternalAddress: 1 << 12,
  XForwardedClientCert: 1 << 13,
  Expect: 1 << 14,
  /** Obeyed from internal requests only. */
  InternalOnly: 1 << 15,
  /** Removed at the edge. */
  EdgeOnly: 1 << 16,
} as const;

/** Removed from external requests. Source: conn_manager_utility.cc, cleanInternalHeaders. */
export const INTERNAL_ONLY_NAMES: readonly string[] = [
  "x-envoy-retry-on",
  "x-envoy-retry-grpc-on",
  "x-envoy-max-retries",
  "x-envoy-retriable-status-codes",
  "x-envoy-retriable-header-names",
  "x-envoy-upstream-alt-stat-name",
  "x-envoy-upstream-rq-timeout-ms",
  "x-envoy-upstream-rq-per-try-timeout-ms",
  "x-envoy-upstream-rq-timeout-alt-response",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-force-trace",
  "x-envoy-ip-tags",
  "x-envoy-original-url",
  "x-envoy-hedge-on-per-try-timeout",
];

/** Removed from external requests where this proxy is the edge. */
export const EDGE_ONLY_NAMES: readonly string[] = [
  "x-envoy-decorator-operation",
  "x-envoy-downstream-service-cluster",
  "x-envoy-downstream-service-node",
];

const BITS: ReadonlyMap<string, number> = new Map([
  ["connection", Special.Connection],
  ["upgrade", Special.Upgrade],
  ["te", Special.Te],
  ["keep-alive", Special.HopByHop],
  ["proxy-connection", Special.HopByHop],
  ["transfer-encoding", Special.HopByHop],
  ["referer", Special.Referer],
  ["x-envoy-internal", Special.XEnvoyInternal],
  ["x-forwarded-for", Special.XForwardedFor],
  ["x-forwarded-proto", Special.XForwardedProto],
  ["x-forwarded-port", Special.XForwardedPort],
  ["x-request-id", Special.XRequestId],
  ["user-agent", Special.UserAgent],
  ["via", Special.Via],
  ["x-envoy-external-address", Special.XEnvoyExternalAddress],
  ["x-forwarded-client-cert", Special.XForwardedClientCert],
  ["expect", Special.Expect],
  ...INTERNAL_ONLY_NAMES.map((name): [string, number] => [name, Special.InternalOnly]),
  ...EDGE_ONLY_NAMES.map((name): [string, number] => [name, Special.EdgeOnly]),
]);

/** Bits of Special for the names present. */
export function findSpecialHeaders(headers: HeaderMap): number {
  const { names } = headers;
  let bits = 0;
  for (let i = 0; i < names.length; i++) bits |= BITS.get(names[i]!) ?? 0;
  return bits;
}
