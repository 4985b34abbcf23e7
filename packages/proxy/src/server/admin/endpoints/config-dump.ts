/** GET /config_dump: the config in use. */
import { type AdminEndpoint, jsonReply, textReply } from "../endpoint.ts";
import type { Json, JsonObject } from "../sources.ts";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keeps the paths of a FieldMask; undefined when a path leads nowhere. */
function applyMask(value: JsonObject, mask: string): JsonObject | undefined {
  const kept: { [key: string]: Json } = {};
  for (const path of mask.split(",")) {
    const [key = "", ...rest] = path.split(".");
    const item = value[key];
    if (item === undefined) continue;
    const part = rest.length > 0 && isObject(item) ? applyMask(item, rest.join(".")) : item;
    if (part === undefined) continue;
    const existing = kept[key];
    kept[key] = isObject(existing) && isObject(part) ? { ...existing, ...part } : part;
  }
  if (Object.keys(kept).length === 0) return undefined;
  return value["@type"] === undefined ? kept : { "@type": value["@type"], ...kept };
}

/** The name of a dumped element: its own or that of the resource in it. */
function nameOf(value: JsonObject): string {
  if (typeof value.name === "string") return value.name;
  for (const item of Object.values(value))
    if (isObject(item) && typeof item.name === "string") return item.name;
  return "";
}

/** A dump with only the elements of that name in its lists. */
function filterNames(dump: JsonObject, accepts: (name: string) => boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(dump).map(([key, value]) => [
      key,
      Array.isArray(value)
        ? value.filter((item) => !isObject(item) || accepts(nameOf(item)))
        : value,
    ]),
  );
}

const RESOURCES: Readonly<Record<string, readonly [dump: string, element: string]>> = {
  static_clusters: ["ClustersConfigDump", "StaticCluster"],
  dynamic_active_clusters: ["ClustersConfigDump", "DynamicCluster"],
  dynamic_warming_clusters: ["ClustersConfigDump", "DynamicCluster"],
  static_listeners: ["ListenersConfigDump", "StaticListener"],
  dynamic_listeners: ["ListenersConfigDump", "DynamicListener"],
  static_route_configs: ["RoutesConfigDump", "StaticRouteConfig"],
  dynamic_route_configs: ["RoutesConfigDump", "DynamicRouteConfig"],
  static_endpoint_configs: ["EndpointsConfigDump", "StaticEndpointConfig"],
  dynamic_endpoint_configs: ["EndpointsConfigDump", "DynamicEndpointConfig"],
  static_secrets: ["SecretsConfigDump", "StaticSecret"],
  dynamic_active_secrets: ["SecretsConfigDump", "DynamicSecret"],
};

function elements(
  dumps: readonly JsonObject[],
  dump: string,
  element: string,
  resource: string,
): JsonObject[] {
  const type = `type.googleapis.com/envoy.admin.v3.${dump}`;
  const list = dumps.find((candidate) => candidate["@type"] === type)?.[resource];
  if (!Array.isArray(list)) return [];
  return list.map((item) => ({ "@type": `${type}.${element}`, ...(item as JsonObject) }));
}

export const configDump: AdminEndpoint = {
  path: "/config_dump",
  method: "GET",
  help: "dump current Envoy configs",
  parameters: [
    ["resource", "The resource to dump"],
    ["mask", "The mask to apply, a FieldMask; with resource, to each of its elements"],
    ["name_regex", "Dump only the configurations whose names match the regex"],
    ["include_eds", "Dump currently loaded configuration including EDS"],
  ],
  handle(sources, params) {
    let dumps = sources.configDumps(params.has("include_eds"));
    const nameRegex = params.get("name_regex");
    if (nameRegex) {
      try {
        const accepts = sources.compileRegex(nameRegex);
        dumps = dumps.map((dump) => filterNames(dump, accepts));
      } catch (error) {
        const text = `INVALID_ARGUMENT: Error while parsing name_regex from ${nameRegex}: ${(error as Error).message}`;
        return textReply(text, 400, "text/plain");
      }
    }
    const resource = params.get("resource");
    if (resource) {
      const known = Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined;
      if (known === undefined)
        return textReply(`${resource} not found in config dump`, 404, "text/plain");
      dumps = elements(dumps, known[0], known[1], resource);
    }
    const mask = params.get("mask");
    if (mask)
      dumps = dumps.map((dump) => applyMask(dump, mask)).filter((dump) => dump !== undefined);
    return jsonReply(dumps.length === 0 ? {} : { configs: dumps });
  },
};
