/** config.cluster.v3.Cluster → ClusterConfig: checked once, plain and immutable. */
import { isIP } from "node:net";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type {
  CircuitBreakers,
  CircuitBreakers_Thresholds,
} from "@legate/envoy-api/envoy/config/cluster/v3/circuit_breaker_pb.js";
import type { Cluster } from "@legate/envoy-api/envoy/config/cluster/v3/cluster_pb.js";
import type { LbEndpoint } from "@legate/envoy-api/envoy/config/endpoint/v3/endpoint_components_pb.js";
import type { ClusterLoadAssignment } from "@legate/envoy-api/envoy/config/endpoint/v3/endpoint_pb.js";
import type { HttpProtocolOptions } from "@legate/envoy-api/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import type { ConfigContext, HonouredFields } from "../extension.ts";
import {
  DEFAULT_CLIENT_OPTIONS,
  HeaderKeyFormat,
  type Http1ClientOptions,
} from "../http/codecs/http1/options.ts";
import type { HostData } from "./host.ts";
import { LeastRequest } from "./load-balancing-policies/least-request/least-request.ts";
import type { CreatePolicy } from "./load-balancing-policies/policy.ts";
import { Random } from "./load-balancing-policies/random/random.ts";
import { RoundRobin } from "./load-balancing-policies/round-robin/round-robin.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "./resource-limits.ts";

const CLUSTER = "envoy.config.cluster.v3";
const POLICIES = "envoy.extensions.load_balancing_policies";
const UPSTREAMS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

export const clusterHonours: HonouredFields = {
  [`${CLUSTER}.Cluster`]: [
    "name",
    "alt_stat_name",
    "type",
    "connect_timeout",
    "per_connection_buffer_limit_bytes",
    "lb_policy",
    "load_assignment",
    "max_requests_per_connection",
    "circuit_breakers",
    "common_http_protocol_options",
    "http_protocol_options",
    "typed_extension_protocol_options",
    "dns_refresh_rate",
    "dns_lookup_family",
    "least_request_lb_config",
    "round_robin_lb_config",
    "common_lb_config",
    "metadata",
    "upstream_connection_options",
    "load_balancing_policy",
  ],
  [`${CLUSTER}.Cluster.CommonLbConfig`]: ["healthy_panic_threshold"],
  [`${CLUSTER}.Cluster.LeastRequestLbConfig`]: ["choice_count"],
  [`${CLUSTER}.Cluster.RoundRobinLbConfig`]: [],
  [`${CLUSTER}.CircuitBreakers`]: ["thresholds"],
  [`${CLUSTER}.CircuitBreakers.Thresholds`]: [
    "priority",
    "max_connections",
    "max_pending_requests",
    "max_requests",
    "max_retries",
    "retry_budget",
    "track_remaining",
  ],
  [`${CLUSTER}.CircuitBreakers.Thresholds.RetryBudget`]: [
    "budget_percent",
    "min_retry_concurrency",
  ],
  [`${CLUSTER}.UpstreamConnectionOptions`]: ["tcp_keepalive"],
  [`${CLUSTER}.LoadBalancingPolicy`]: ["policies"],
  [`${CLUSTER}.LoadBalancingPolicy.Policy`]: ["typed_extension_config"],
  "envoy.config.core.v3.TypedExtensionConfig": ["name", "typed_config"],
  [`${POLICIES}.round_robin.v3.RoundRobin`]: [],
  [`${POLICIES}.random.v3.Random`]: [],
  [`${POLICIES}.least_request.v3.LeastRequest`]: ["choice_count"],
  "envoy.config.core.v3.TcpKeepalive": ["keepalive_time"],
  "envoy.config.core.v3.Metadata": ["filter_metadata"],
  "envoy.config.core.v3.Locality": ["region", "zone", "sub_zone"],
  "envoy.config.endpoint.v3.ClusterLoadAssignment": ["cluster_name", "endpoints"],
  "envoy.config.endpoint.v3.LocalityLbEndpoints": [
    "locality",
    "lb_endpoints",
    "priority",
    "load_balancing_weight",
  ],
  "envoy.config.endpoint.v3.LbEndpoint": [
    "endpoint",
    "health_status",
    "metadata",
    "load_balancing_weight",
  ],
  "envoy.config.endpoint.v3.Endpoint": ["address", "hostname"],
  "envoy.config.core.v3.Address": ["socket_address"],
  "envoy.config.core.v3.SocketAddress": ["protocol", "address", "port_value"],
  [UPSTREAMS]: ["common_http_protocol_options", "explicit_http_config"],
  [`${UPSTREAMS}.ExplicitHttpConfig`]: ["http_protocol_options"],
};

/** Types that may stand in an Any of a cluster. */
export const clusterExtensionTypes: readonly string[] = [
  UPSTREAMS,
  `${POLICIES}.round_robin.v3.RoundRobin`,
  `${POLICIES}.random.v3.Random`,
  `${POLICIES}.least_request.v3.LeastRequest`,
];

export type Discovery = "static" | "strict_dns" | "logical_dns";

/** An endpoint whose address may still be a DNS name. */
export type EndpointConfig = HostData;

export interface ClusterConfig {
  readonly name: string;
  readonly statName: string;
  readonly discovery: Discovery;
  /** As configured; for DNS clusters `ip` holds the name to resolve. */
  readonly endpoints: readonly EndpointConfig[];
  readonly createPolicy: CreatePolicy;
  /** %, 50 by default. */
  readonly panicThreshold: number;
  readonly thresholds: readonly [Thresholds, Thresholds];
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxConnectionDurationMs: number;
  readonly maxStreamDurationMs: number;
  readonly maxRequestsPerConnection: number;
  readonly bufferLimitBytes: number;
  readonly keepAlive: { readonly initialDelayMs: number } | null;
  readonly codec: Http1ClientOptions;
  readonly dnsRefreshMs: number;
  /** 0: any, 4 or 6. */
  readonly dnsFamily: 0 | 4 | 6;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

function ms(duration: Duration | undefined, fallback: number): number {
  return duration === undefined ? fallback : Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** Throws a ConfigError. */
export function parseCluster(message: Cluster, context: ConfigContext): ClusterConfig {
  const discovery = parseDiscovery(message, context);
  let common = message.commonHttpProtocolOptions;
  let http1 = message.httpProtocolOptions;
  for (const [key, any] of Object.entries(message.typedExtensionProtocolOptions)) {
    const options = context.unpack(any);
    if (options.$typeName !== UPSTREAMS)
      return context.fail(
        message,
        "typed_extension_protocol_options",
        `'${key}' is not supported by Legate`,
      );
    const http = options as HttpProtocolOptions;
    common = http.commonHttpProtocolOptions ?? common;
    const explicit = http.upstreamProtocolOptions;
    if (
      explicit.case === "explicitHttpConfig" &&
      explicit.value.protocolConfig.case === "httpProtocolOptions"
    )
      http1 = explicit.value.protocolConfig.value;
  }
  const keepAlive = message.upstreamConnectionOptions?.tcpKeepalive;
  const format = http1?.headerKeyFormat?.headerFormat;
  return {
    name: message.name,
    statName: (message.altStatName === "" ? message.name : message.altStatName).replaceAll(
      ":",
      "_",
    ),
    discovery,
    endpoints: parseEndpoints(message.loadAssignment, discovery, context),
    createPolicy: parsePolicy(message, context),
    panicThreshold: message.commonLbConfig?.healthyPanicThreshold?.value ?? 50,
    thresholds: parseThresholds(message.circuitBreakers),
    connectTimeoutMs: ms(message.connectTimeout, 5000),
    idleTimeoutMs: ms(common?.idleTimeout, 3_600_000),
    maxConnectionDurationMs: ms(common?.maxConnectionDuration, 0),
    maxStreamDurationMs: ms(common?.maxStreamDuration, 0),
    maxRequestsPerConnection:
      common?.maxRequestsPerConnection ?? message.maxRequestsPerConnection ?? 0,
    bufferLimitBytes: message.perConnectionBufferLimitBytes ?? 1_048_576,
    keepAlive:
      keepAlive === undefined ? null : { initialDelayMs: (keepAlive.keepaliveTime ?? 7200) * 1000 },
    codec: {
      ...DEFAULT_CLIENT_OPTIONS,
      allowChunkedLength: http1?.allowChunkedLength ?? false,
      enableTrailers: http1?.enableTrailers ?? false,
      maxHeadersBytes: (common?.maxResponseHeadersKb ?? 80) * 1024,
      maxHeadersCount: common?.maxHeadersCount ?? 100,
      headerKeyFormat:
        format?.case === "properCaseWords"
          ? HeaderKeyFormat.ProperCaseWords
          : HeaderKeyFormat.Default,
    },
    dnsRefreshMs: ms(message.dnsRefreshRate, 5000),
    dnsFamily: dnsFamily(message, context),
    metadata: message.metadata?.filterMetadata ?? null,
  };
}

/** AUTO, V4_ONLY, V6_ONLY. */
function dnsFamily(message: Cluster, context: ConfigContext): 0 | 4 | 6 {
  switch (message.dnsLookupFamily) {
    case 0:
      return 0;
    case 1:
      return 4;
    case 2:
      return 6;
    default:
      return context.fail(
        message,
        "dns_lookup_family",
        "only AUTO, V4_ONLY and V6_ONLY are supported by Legate",
      );
  }
}

function parseDiscovery(message: Cluster, context: ConfigContext): Discovery {
  const discovery = message.clusterDiscoveryType;
  if (discovery.case === "clusterType")
    return context.fail(
      message,
      "cluster_type",
      `cluster type '${discovery.value.name}' is not supported by Legate`,
    );
  switch (discovery.value ?? 0) {
    case 0:
      return "static";
    case 1:
      return "strict_dns";
    case 2:
      return "logical_dns";
    default:
      return context.fail(
        message,
        "type",
        "only STATIC, STRICT_DNS and LOGICAL_DNS are supported by Legate",
      );
  }
}

function parseEndpoints(
  assignment: ClusterLoadAssignment | undefined,
  discovery: Discovery,
  context: ConfigContext,
): EndpointConfig[] {
  const endpoints: EndpointConfig[] = [];
  for (const group of assignment?.endpoints ?? []) {
    const { locality, priority } = group;
    const where = {
      region: locality?.region ?? "",
      zone: locality?.zone ?? "",
      subZone: locality?.subZone ?? "",
    };
    for (const one of group.lbEndpoints)
      endpoints.push({ ...parseEndpoint(one, discovery, context), locality: where, priority });
  }
  const groups = assignment?.endpoints.length ?? 0;
  if (discovery === "logical_dns" && (endpoints.length !== 1 || groups !== 1))
    context.fail(
      assignment ?? {},
      "endpoints",
      "LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint",
    );
  return endpoints;
}

function parseEndpoint(
  one: LbEndpoint,
  discovery: Discovery,
  context: ConfigContext,
): EndpointConfig {
  const { hostIdentifier } = one;
  if (hostIdentifier.case !== "endpoint")
    return context.fail(one, "endpoint_name", "is not supported by Legate");
  const endpoint = hostIdentifier.value;
  const address = endpoint.address?.address;
  if (address?.case !== "socketAddress")
    return context.fail(endpoint, "address", "only socket_address is supported by Legate");
  const socket = address.value;
  if (discovery === "static" && isIP(socket.address) === 0)
    context.fail(
      socket,
      "address",
      `malformed IP address: ${socket.address} (is the cluster's type meant to be STRICT_DNS?)`,
    );
  if (socket.portSpecifier.case !== "portValue")
    return context.fail(socket, "named_port", "only port_value is supported by Legate");
  return {
    ip: socket.address,
    port: socket.portSpecifier.value,
    hostname:
      endpoint.hostname !== "" ? endpoint.hostname : discovery === "static" ? "" : socket.address,
    weight: one.loadBalancingWeight ?? 1,
    priority: 0,
    locality: { region: "", zone: "", subZone: "" },
    metadata: one.metadata?.filterMetadata ?? null,
    healthStatus: one.healthStatus as HostData["healthStatus"],
  };
}

function parsePolicy(message: Cluster, context: ConfigContext): CreatePolicy {
  for (const policy of message.loadBalancingPolicy?.policies ?? []) {
    const any = policy.typedExtensionConfig?.typedConfig;
    if (any === undefined) continue;
    const config = context.unpack(any) as unknown as { $typeName: string; choiceCount?: number };
    switch (config.$typeName) {
      case `${POLICIES}.round_robin.v3.RoundRobin`:
        return (random) => new RoundRobin(random);
      case `${POLICIES}.random.v3.Random`:
        return (random) => new Random(random);
      case `${POLICIES}.least_request.v3.LeastRequest`:
        return (random) => new LeastRequest(random, config.choiceCount ?? 2);
    }
  }
  if (message.loadBalancingPolicy !== undefined)
    return context.fail(
      message,
      "load_balancing_policy",
      "none of its policies is supported by Legate",
    );
  switch (message.lbPolicy) {
    case 0:
      return (random) => new RoundRobin(random);
    case 1: {
      const { lbConfig } = message;
      const count =
        lbConfig.case === "leastRequestLbConfig" ? (lbConfig.value.choiceCount ?? 2) : 2;
      return (random) => new LeastRequest(random, count);
    }
    case 3:
      return (random) => new Random(random);
    default:
      return context.fail(
        message,
        "lb_policy",
        "only ROUND_ROBIN, LEAST_REQUEST and RANDOM are supported by Legate",
      );
  }
}

function parseThresholds(message: CircuitBreakers | undefined): [Thresholds, Thresholds] {
  const of = (priority: number) => {
    const found = message?.thresholds.find((thresholds) => thresholds.priority === priority);
    return found === undefined ? DEFAULT_THRESHOLDS : thresholdsOf(found);
  };
  return [of(0), of(1)];
}

function thresholdsOf(message: CircuitBreakers_Thresholds): Thresholds {
  const budget = message.retryBudget;
  return {
    maxConnections: message.maxConnections ?? DEFAULT_THRESHOLDS.maxConnections,
    maxPendingRequests: message.maxPendingRequests ?? DEFAULT_THRESHOLDS.maxPendingRequests,
    maxRequests: message.maxRequests ?? DEFAULT_THRESHOLDS.maxRequests,
    maxRetries: message.maxRetries ?? DEFAULT_THRESHOLDS.maxRetries,
    retryBudget:
      budget === undefined
        ? null
        : {
            percent: budget.budgetPercent?.value ?? 20,
            minConcurrency: budget.minRetryConcurrency ?? 3,
          },
    trackRemaining: message.trackRemaining,
  };
}
