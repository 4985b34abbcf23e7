/** Bootstrap → what a thread builds its listeners and clusters from. Every thread does this alike. */
import { isIP } from "node:net";
import type { Bootstrap } from "@legate/envoy-api/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { Listener } from "@legate/envoy-api/envoy/config/listener/v3/listener_pb.js";
import type { RouteConfiguration } from "@legate/envoy-api/envoy/config/route/v3/route_pb.js";
import type { HttpConnectionManager } from "@legate/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { type HcmConfig, hcmType, parseHcm } from "../downstream/http-connection-manager/config.ts";
import type { RouteTable } from "../router/route-table/contracts.ts";
import { compileRouteTable } from "../router/route-table/route-table.ts";
import { type ClusterConfig, parseCluster } from "../upstream/cluster-config.ts";
import { RESOURCE_LIMITS_BYTES } from "../upstream/resource-limits.ts";
import type { BuildContext } from "./build-context.ts";
import { nearest, ProblemCollector } from "./config/problems.ts";

export interface ParsedListener {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly backlog: number;
  readonly reusePort: boolean;
  readonly bufferLimitBytes: number;
  readonly statName: string;
  readonly direction: 0 | 1 | 2;
  readonly filterChainName: string | null;
  readonly hcm: HcmConfig;
  readonly routeTable: RouteTable | null;
}

export interface ParsedServer {
  readonly clusters: readonly ClusterConfig[];
  readonly listeners: readonly ParsedListener[];
}

/** Throws a ConfigError with the first problem of each cluster and listener that can't be built. */
export async function parseServer(
  bootstrap: Bootstrap,
  context: BuildContext,
): Promise<ParsedServer> {
  const clusters: ClusterConfig[] = [];
  const names = new Set<string>();
  const collector = new ProblemCollector();
  await collector.attempt(() => checkAdmin(bootstrap, context));
  for (const message of bootstrap.staticResources?.clusters ?? [])
    await collector.attempt(() => {
      if (names.has(message.name))
        context.fail(message, "name", `cluster manager: duplicate cluster '${message.name}'`);
      names.add(message.name);
      context.clusterNames.add(message.name);
      context.shareMemory(`cluster.${message.name}`, RESOURCE_LIMITS_BYTES);
      clusters.push(parseCluster(message, context));
    });
  const listeners: ParsedListener[] = [];
  const all = bootstrap.staticResources?.listeners ?? [];
  await collector.attempt(() => checkAddresses(currentListeners(all), context));
  for (const message of currentListeners(all))
    await collector.attempt(async () => {
      listeners.push(await parseListener(message, names, context));
    });
  collector.finish();
  return { clusters, listeners };
}

/** As in Envoy, a later listener of the same name takes the place of an earlier one. */
function currentListeners(all: readonly Listener[]): readonly Listener[] {
  return all.filter(
    ({ name }, i) => name === "" || !all.slice(i + 1).some((later) => later.name === name),
  );
}

function checkAddresses(listeners: readonly Listener[], context: BuildContext): void {
  const known = new Set<string>();
  for (const listener of listeners) {
    const address = listener.address?.address;
    if (address?.case !== "socketAddress") continue;
    const { address: ip, portSpecifier } = address.value;
    if (portSpecifier.case !== "portValue" || portSpecifier.value === 0) continue;
    const key = `${ip}:${portSpecifier.value}`;
    if (known.has(key))
      context.fail(
        listener,
        "address",
        `error adding listener: '${listener.name}' has duplicate address '${key}' as existing listener`,
      );
    known.add(key);
  }
}

function checkAdmin(bootstrap: Bootstrap, context: BuildContext): void {
  const address = bootstrap.admin?.address?.address;
  if (address === undefined) return;
  if (address.case !== "socketAddress" || address.value.portSpecifier.case !== "portValue")
    context.fail(
      bootstrap.admin!,
      "address",
      "only socket_address with port_value is supported by Legate",
    );
  else if (isIP(address.value.address) === 0)
    context.fail(address.value, "address", `malformed IP address: ${address.value.address}`);
}

async function parseListener(
  message: Listener,
  clusters: ReadonlySet<string>,
  context: BuildContext,
): Promise<ParsedListener> {
  const address = message.address?.address;
  if (address === undefined || address.case === undefined)
    return context.fail(message, "address", "address is necessary");
  if (address.case !== "socketAddress")
    return context.fail(message, "address", "only socket_address is supported by Legate");
  const socket = address.value;
  if (socket.protocol !== 0) context.fail(socket, "protocol", "only TCP is supported by Legate");
  if (isIP(socket.address) === 0)
    context.fail(socket, "address", `malformed IP address: ${socket.address}`);
  if (socket.portSpecifier.case !== "portValue")
    return context.fail(socket, "named_port", "only port_value is supported by Legate");
  if (message.filterChains.length === 0)
    return context.fail(message, "filter_chains", "no filter chains specified");
  if (message.filterChains.length !== 1)
    return context.fail(
      message,
      "filter_chains",
      "exactly one filter chain is supported by Legate",
    );
  const chain = message.filterChains[0]!;
  const filter = chain.filters[0];
  if (
    filter === undefined ||
    chain.filters.length !== 1 ||
    filter.configType.case !== "typedConfig"
  )
    return context.fail(
      chain,
      "filters",
      "exactly one network filter, HttpConnectionManager, is supported by Legate",
    );
  const config = context.unpack(filter.configType.value);
  if (config.$typeName !== hcmType)
    return context.fail(
      filter,
      "typed_config",
      `network filter ${config.$typeName} is not supported by Legate`,
    );
  const hcm = await parseHcm(config as HttpConnectionManager, context);
  const port = socket.portSpecifier.value;
  const shown = socket.address.includes(":") ? `[${socket.address}]` : socket.address;
  return {
    name: message.name,
    ip: socket.address,
    port,
    backlog: message.tcpBacklogSize ?? 0,
    reusePort: message.enableReusePort ?? true,
    bufferLimitBytes: message.perConnectionBufferLimitBytes ?? 1_048_576,
    statName: (message.statPrefix === "" ? `${shown}:${port}` : message.statPrefix).replaceAll(
      ":",
      "_",
    ),
    direction: message.trafficDirection as 0 | 1 | 2,
    filterChainName: chain.name === "" ? null : chain.name,
    hcm,
    routeTable: parseRoutes(hcm, clusters, context),
  };
}

function parseRoutes(
  hcm: HcmConfig,
  clusters: ReadonlySet<string>,
  context: BuildContext,
): RouteTable | null {
  const specifier = hcm.routeConfig;
  if (specifier.case !== "routeConfig") return null;
  const config = specifier.value;
  if (config.validateClusters !== false) checkClusters(config, clusters, context);
  return compileRouteTable(config, context);
}

/** Routes of an inline table must lead to known clusters. */
function checkClusters(
  config: RouteConfiguration,
  clusters: ReadonlySet<string>,
  context: BuildContext,
): void {
  for (const host of config.virtualHosts) {
    for (const route of host.routes) {
      if (route.action.case !== "route") continue;
      const { clusterSpecifier } = route.action.value;
      if (clusterSpecifier.case === "cluster" && !clusters.has(clusterSpecifier.value))
        context.fail(
          route.action.value,
          "cluster",
          `route: unknown cluster '${clusterSpecifier.value}'${near(clusterSpecifier.value, clusters)}`,
        );
      if (clusterSpecifier.case !== "weightedClusters") continue;
      for (const weight of clusterSpecifier.value.clusters)
        if (weight.name !== "" && !clusters.has(weight.name))
          context.fail(
            weight,
            "name",
            `route: unknown weighted cluster '${weight.name}'${near(weight.name, clusters)}`,
          );
    }
  }
}

function near(name: string, known: Iterable<string>): string {
  const found = nearest(name, known);
  return found === null ? "" : ` (did you mean '${found}'?)`;
}
