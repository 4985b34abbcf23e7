/** RouteConfiguration → RouteTable: compiled once per worker. */
import type { Any } from "@bufbuild/protobuf/wkt";
import type {
  FilterConfig,
  Route as RouteMessage,
  VirtualHost,
} from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { RouteConfiguration } from "@legate/envoy-api/envoy/config/route/v3/route_pb.js";
import type { StreamInfo } from "@legate/filter-sdk";
import type { ConfigContext, HttpFilterExtension } from "../../extension.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import { CompiledRoute, type FilterConfigs, type RouteLevels } from "./compiled-route.ts";
import type { Route, RouteTable } from "./contracts.ts";
import { compileLevel, type Mutation } from "./header-mutations.ts";
import { compileMatch, type MatchRoute } from "./path-matcher.ts";
import { redirectToTls } from "./redirect.ts";
import { VirtualHostIndex } from "./virtual-host-index.ts";

export interface RouteTools extends ConfigContext {
  /** The HTTP filter whose per-route configuration has that type. */
  routeFilter(typeName: string): HttpFilterExtension | null;
}

interface Entry {
  readonly matches: MatchRoute;
  readonly route: CompiledRoute;
}

interface CompiledHost {
  readonly entries: readonly Entry[];
  readonly tlsRedirect: Route | null;
}

/** Throws a ConfigError. */
export function compileRouteTable(message: RouteConfiguration, tools: RouteTools): RouteTable {
  const hosts = new VirtualHostIndex<CompiledHost>(message.ignorePortInHostMatching);
  const level = levelOf(message, tools);
  const filters = parseFilterConfigs(message, message.typedPerFilterConfig, tools);
  for (const host of message.virtualHosts) {
    const compiled = compileHost(host, message, level, filters, tools);
    for (const domain of host.domains) {
      if (hosts.add(domain, compiled)) continue;
      const text =
        domain === "*"
          ? `Only a single wildcard domain is permitted in route ${message.name}`
          : `Only unique values for domains are permitted. Duplicate entry of domain ${domain} in route ${message.name}`;
      tools.fail(host, "domains", text);
    }
  }
  return new CompiledTable(message, hosts);
}

class CompiledTable implements RouteTable {
  readonly name: string;
  readonly internalOnlyHeaders: readonly string[];
  private readonly hosts: VirtualHostIndex<CompiledHost>;

  constructor(message: RouteConfiguration, hosts: VirtualHostIndex<CompiledHost>) {
    this.name = message.name;
    this.internalOnlyHeaders = message.internalOnlyHeaders.map((name) => name.toLowerCase());
    this.hosts = hosts;
  }

  match(headers: HeaderMap, _info: StreamInfo, random: number): Route | null {
    const host = this.hosts.find(headers.get(":authority") ?? "");
    if (host === null) return null;
    if (host.tlsRedirect !== null) return host.tlsRedirect;
    const path = headers.get(":path") ?? "";
    const query = path.indexOf("?");
    const plain = query < 0 ? path : path.slice(0, query);
    const { entries } = host;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      if (entry.matches(headers, path, plain, random)) return entry.route.pick(random);
    }
    return null;
  }
}

interface WithHeaders {
  readonly requestHeadersToAdd: RouteMessage["requestHeadersToAdd"];
  readonly requestHeadersToRemove: string[];
  readonly responseHeadersToAdd: RouteMessage["responseHeadersToAdd"];
  readonly responseHeadersToRemove: string[];
}

export interface Level {
  readonly request: Mutation | null;
  readonly response: Mutation | null;
}

/** The header changes that one message asks for. */
export function levelOf(message: WithHeaders, tools: ConfigContext): Level {
  const {
    requestHeadersToAdd,
    requestHeadersToRemove,
    responseHeadersToAdd,
    responseHeadersToRemove,
  } = message;
  return {
    request: compileLevel(
      requestHeadersToAdd,
      requestHeadersToRemove,
      message,
      "request_headers_to_remove",
      tools,
    ),
    response: compileLevel(
      responseHeadersToAdd,
      responseHeadersToRemove,
      message,
      "response_headers_to_remove",
      tools,
    ),
  };
}

/** typed_per_filter_config of one level. */
export function parseFilterConfigs(
  owner: object,
  configs: { readonly [name: string]: Any },
  tools: RouteTools,
): FilterConfigs | null {
  const entries = Object.entries(configs);
  if (entries.length === 0) return null;
  const parsed: FilterConfigs = new Map();
  for (const [name, any] of entries) {
    let message = tools.unpack(any);
    let isDisabled: boolean | null = null;
    let isOptional = false;
    if (message.$typeName === "envoy.config.route.v3.FilterConfig") {
      const wrapper = message as FilterConfig;
      isDisabled = wrapper.disabled;
      ({ isOptional } = wrapper);
      if (wrapper.config === undefined && !wrapper.disabled)
        tools.fail(
          wrapper,
          "config",
          `Empty route/virtual host per filter configuration for ${name} filter`,
        );
      if (wrapper.config === undefined || wrapper.config.typeUrl === "") {
        parsed.set(name, { isDisabled, config: null });
        continue;
      }
      message = tools.unpack(wrapper.config);
    }
    const extension = tools.routeFilter(message.$typeName);
    if (extension === null) {
      if (isOptional) continue;
      const text = `The filter ${name} doesn't support virtual host or route specific configurations`;
      tools.fail(owner, "typed_per_filter_config", text);
    }
    parsed.set(name, { isDisabled, config: extension!.parseRouteConfig(message, tools) });
  }
  return parsed;
}

function compileHost(
  host: VirtualHost,
  table: RouteConfiguration,
  tableLevel: Level,
  tableFilters: FilterConfigs | null,
  tools: RouteTools,
): CompiledHost {
  const levels: RouteLevels = {
    host,
    table,
    hostLevel: levelOf(host, tools),
    tableLevel,
    hostFilters: parseFilterConfigs(host, host.typedPerFilterConfig, tools),
    tableFilters,
  };
  return {
    entries: host.routes.map((route) => {
      if (route.match === undefined) return tools.fail(route, "match", "is required");
      return {
        matches: compileMatch(route.match, tools),
        route: CompiledRoute.compile(route, levels, tools),
      };
    }),
    tlsRedirect: host.requireTls === 0 ? null : redirectToTls(host, levels),
  };
}
