/** GET /clusters: limits and hosts of each cluster. */
import { HealthStatus } from "../../../upstream/host.ts";
import { type AdminEndpoint, jsonReply, textReply } from "../endpoint.ts";
import type { ClusterSnapshot, HostSnapshot } from "../sources.ts";

const COUNTERS = [
  "cx_connect_fail",
  "cx_total",
  "rq_error",
  "rq_success",
  "rq_timeout",
  "rq_total",
] as const;
const GAUGES = ["cx_active", "rq_active", "rq_pending_active"] as const;
const ALL = [...COUNTERS, ...GAUGES].sort();
const EDS_NAMES = Object.fromEntries(
  Object.entries(HealthStatus).map(([name, number]) => [number, name.toUpperCase()]),
);

function hostText(prefix: string, host: HostSnapshot): string {
  const { data } = host;
  const flags = host.healthFlags.map((flag) => `/${flag}`).join("") || "healthy";
  const rows: [string, string | number][] = [
    ...ALL.map((name): [string, number] => [name, host.counts[name]]),
    ["hostname", data.hostname],
    ["health_flags", flags],
    ["weight", data.weight],
    ["region", data.locality.region],
    ["zone", data.locality.zone],
    ["sub_zone", data.locality.subZone],
    ["canary", "false"],
    ["priority", data.priority],
    ["success_rate", host.successRate],
    ["local_origin_success_rate", host.localOriginSuccessRate],
  ];
  return rows.map(([name, value]) => `${prefix}::${name}::${value}\n`).join("");
}

function addressText({ data }: HostSnapshot): string {
  return data.ip.includes(":") ? `[${data.ip}]:${data.port}` : `${data.ip}:${data.port}`;
}

function clusterText(cluster: ClusterSnapshot): string {
  const { name } = cluster;
  let text = `${name}::observability_name::${cluster.observabilityName}\n`;
  for (const [priority, limits] of [
    ["default_priority", cluster.defaultPriority],
    ["high_priority", cluster.highPriority],
  ] as const) {
    for (const [limit, value] of Object.entries(limits))
      text += `${name}::${priority}::${limit}::${value}\n`;
  }
  text += `${name}::added_via_api::${cluster.addedViaApi}\n`;
  if (cluster.edsServiceName !== null)
    text += `${name}::eds_service_name::${cluster.edsServiceName}\n`;
  for (const host of cluster.hosts) text += hostText(`${name}::${addressText(host)}`, host);
  return text;
}

function statJson(name: string, value: number, isGauge: boolean): object {
  return { ...(isGauge && { type: "GAUGE" }), ...(value !== 0 && { value: String(value) }), name };
}

function hostJson(host: HostSnapshot): object {
  const { data } = host;
  const { region, zone, subZone } = data.locality;
  const isHealthy = data.healthStatus === HealthStatus.Unknown;
  return {
    address: { socket_address: { address: data.ip, port_value: data.port } },
    stats: [
      ...COUNTERS.map((name) => statJson(name, host.counts[name], false)),
      ...GAUGES.map((name) => statJson(name, host.counts[name], true)),
    ],
    health_status: {
      ...Object.fromEntries(host.healthFlags.map((flag) => [flag, true])),
      eds_health_status: isHealthy ? "HEALTHY" : EDS_NAMES[data.healthStatus],
    },
    weight: data.weight,
    ...(data.hostname !== "" && { hostname: data.hostname }),
    ...(data.priority !== 0 && { priority: data.priority }),
    locality: {
      ...(region && { region }),
      ...(zone && { zone }),
      ...(subZone && { sub_zone: subZone }),
    },
  };
}

function clusterJson(cluster: ClusterSnapshot): object {
  return {
    name: cluster.name,
    ...(cluster.addedViaApi && { added_via_api: true }),
    host_statuses: cluster.hosts.map(hostJson),
    circuit_breakers: {
      thresholds: [cluster.defaultPriority, { priority: "HIGH", ...cluster.highPriority }],
    },
    observability_name: cluster.observabilityName,
    ...(cluster.edsServiceName !== null && { eds_service_name: cluster.edsServiceName }),
  };
}

export const clusters: AdminEndpoint = {
  path: "/clusters",
  method: "GET",
  help: "upstream cluster status",
  parameters: [["filter", "Regular expression (Google re2) for filtering clusters by name"]],
  handle(sources, params) {
    let chosen = sources.clusters();
    const filter = params.get("filter");
    if (filter) {
      try {
        const accepts = sources.compileRegex(filter);
        chosen = chosen.filter((cluster) => accepts(cluster.name));
      } catch {
        return textReply("Invalid re2 regex", 400);
      }
    }
    if (params.get("format") === "json")
      return jsonReply({ cluster_statuses: chosen.map(clusterJson) });
    return textReply(chosen.map(clusterText).join(""));
  },
};
