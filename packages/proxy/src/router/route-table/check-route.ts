/** What Envoy demands of a route beyond the rules in its messages. */
import type {
  RouteAction,
  Route as RouteMessage,
  WeightedCluster,
} from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { RouteConfiguration } from "@legate/envoy-api/envoy/config/route/v3/route_pb.js";
import type { ConfigContext } from "../../extension.ts";

const MAX_TOTAL_WEIGHT = 0xffff_ffff;
const DEFAULT_MAX_BODY_BYTES = 4096;

/** Throws a ConfigError. */
export function checkRoute(
  message: RouteMessage,
  table: RouteConfiguration,
  tools: ConfigContext,
): void {
  const { action } = message;
  if (action.case === "route") checkAction(action.value, tools);
  else if (action.case === "directResponse" && action.value.body !== undefined) {
    const { length } = tools.readDataSource(action.value.body, action.value, "body");
    const limit = table.maxDirectResponseBodySizeBytes ?? DEFAULT_MAX_BODY_BYTES;
    if (limit > 0 && length > limit)
      tools.fail(
        action.value,
        "body",
        `response body size is ${length} bytes; maximum is ${limit} (max_direct_response_body_size_bytes)`,
      );
  }
}

function checkAction(action: RouteAction, tools: ConfigContext): void {
  if (action.prefixRewrite !== "" && action.regexRewrite !== undefined)
    tools.fail(action, "regex_rewrite", "specify only one of prefix_rewrite or regex_rewrite");
  const upgrades = new Set<string>();
  for (const upgrade of action.upgradeConfigs) {
    const name = upgrade.upgradeType.toLowerCase();
    if (upgrades.has(name)) tools.fail(upgrade, "upgrade_type", `Duplicate upgrade ${name}`);
    upgrades.add(name);
  }
  if (action.clusterSpecifier.case === "weightedClusters")
    checkWeights(action.clusterSpecifier.value, tools);
}

function checkWeights(message: WeightedCluster, tools: ConfigContext): void {
  let total = 0;
  for (const cluster of message.clusters) {
    if (cluster.name === "" && cluster.clusterHeader === "")
      tools.fail(cluster, "name", "At least one of name or cluster_header need to be specified");
    if (cluster.name !== "" && cluster.clusterHeader !== "")
      tools.fail(cluster, "name", "Only one of name or cluster_header can be specified");
    if (cluster.weight === undefined) tools.fail(cluster, "weight", "value is required");
    total += cluster.weight ?? 0;
  }
  if (total === 0)
    tools.fail(
      message,
      "clusters",
      "Sum of weights in the weighted_cluster must be greater than 0.",
    );
  if (total > MAX_TOTAL_WEIGHT)
    tools.fail(
      message,
      "clusters",
      `The sum of weights of all weighted clusters exceeds ${MAX_TOTAL_WEIGHT}`,
    );
}
