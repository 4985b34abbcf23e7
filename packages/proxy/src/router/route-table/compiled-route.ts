/** One route with everything of its virtual host and table that a request needs; immutable. */
import type { Duration } from "@bufbuild/protobuf/wkt";
import type {
  RouteAction,
  Route as RouteMessage,
  VirtualHost,
  WeightedCluster_ClusterWeight,
} from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { RouteConfiguration } from "@legate/envoy-api/envoy/config/route/v3/route_pb.js";
import type { StreamInfo } from "@legate/filter-sdk";
import type { HeaderMap } from "../../http/header-map.ts";
import { compileRegexMatcher } from "../../http/matchers/string-matcher.ts";
import { parseRetryPolicy } from "../retry/retry-policy.ts";
import { checkRoute } from "./check-route.ts";
import type { DirectResponse, ForwardRoute, RetryPolicy, Route } from "./contracts.ts";
import type { Mutation } from "./header-mutations.ts";
import { rewrittenLength } from "./path-matcher.ts";
import { compileRedirect } from "./redirect.ts";
import { type Level, levelOf, parseFilterConfigs, type RouteTools } from "./route-table.ts";

/** Per-filter configuration of one level, by filter name. */
export type FilterConfigs = Map<
  string,
  { readonly isDisabled: boolean | null; readonly config: unknown }
>;

/** What a route inherits. */
export interface RouteLevels {
  readonly host: VirtualHost;
  readonly table: RouteConfiguration;
  readonly hostLevel: Level;
  readonly tableLevel: Level;
  readonly hostFilters: FilterConfigs | null;
  readonly tableFilters: FilterConfigs | null;
}

interface Parts {
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly directResponse: DirectResponse | null;
  readonly forward: ForwardRoute | null;
  readonly levels: RouteLevels;
  /** Least specific first. */
  readonly filters: readonly FilterConfigs[];
  /** In order of application. */
  readonly responseMutations: readonly Mutation[];
  readonly bufferLimitBytes: number;
  readonly upgrades: ReadonlyMap<string, boolean> | null;
  readonly idleTimeoutMs: number;
  readonly maxStreamDurationMs: number;
}

function ms(duration: Duration | undefined, fallback: number): number {
  return duration === undefined ? fallback : Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

export class CompiledRoute implements Route {
  readonly name: string;
  readonly virtualHostName: string;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly directResponse: DirectResponse | null;
  readonly forward: ForwardRoute | null;
  readonly bufferLimitBytes: number;
  readonly upgrades: ReadonlyMap<string, boolean> | null;
  readonly idleTimeoutMs: number;
  readonly maxStreamDurationMs: number;
  private readonly filters: readonly FilterConfigs[];
  private readonly responseMutations: readonly Mutation[];
  /** Of weighted clusters: one route for each, with its share's upper end. */
  private variants: readonly { readonly end: number; readonly route: CompiledRoute }[] = [];
  private totalWeight = 0;

  private constructor(parts: Parts) {
    this.name = parts.name;
    this.virtualHostName = parts.levels.host.name;
    this.metadata = parts.metadata;
    this.directResponse = parts.directResponse;
    this.forward = parts.forward;
    this.filters = parts.filters;
    this.responseMutations = parts.responseMutations;
    this.bufferLimitBytes = parts.bufferLimitBytes;
    this.upgrades = parts.upgrades;
    this.idleTimeoutMs = parts.idleTimeoutMs;
    this.maxStreamDurationMs = parts.maxStreamDurationMs;
  }

  static compile(message: RouteMessage, levels: RouteLevels, tools: RouteTools): CompiledRoute {
    checkRoute(message, levels.table, tools);
    const own = levelOf(message, tools);
    const filters = parseFilterConfigs(message, message.typedPerFilterConfig, tools);
    const build = (
      weight: WeightedCluster_ClusterWeight | null,
      clusterName: (headers: HeaderMap) => string,
    ): CompiledRoute => {
      const weightLevel = weight === null ? null : levelOf(weight, tools);
      const weightFilters =
        weight === null ? null : parseFilterConfigs(weight, weight.typedPerFilterConfig, tools);
      const ordered = order([weightLevel, own, levels.hostLevel, levels.tableLevel], levels.table);
      const action = message.action.case === "route" ? message.action.value : null;
      return new CompiledRoute({
        name: message.name,
        metadata: message.metadata?.filterMetadata ?? null,
        directResponse: compileDirect(message, tools),
        forward:
          action === null
            ? null
            : compileForward(message, action, weight, clusterName, ordered, levels, tools),
        levels,
        filters: [levels.tableFilters, levels.hostFilters, filters, weightFilters].filter(
          (one) => one !== null,
        ),
        responseMutations: ordered.map((level) => level.response).filter((one) => one !== null),
        bufferLimitBytes: bufferLimit(message, levels.host),
        upgrades: compileUpgrades(action),
        idleTimeoutMs: ms(action?.idleTimeout, -1),
        maxStreamDurationMs: ms(action?.maxStreamDuration?.maxStreamDuration, -1),
      });
    };
    const { action } = message;
    if (action.case !== "route") {
      if (action.case === undefined) tools.fail(message, "action", "is required");
      return build(null, () => "");
    }
    const specifier = action.value.clusterSpecifier;
    switch (specifier.case) {
      case "cluster": {
        const name = specifier.value;
        return build(null, () => name);
      }
      case "clusterHeader": {
        const header = specifier.value.toLowerCase();
        return build(null, (headers) => headers.get(header) ?? "");
      }
      case "weightedClusters": {
        const { clusters } = specifier.value;
        let end = 0;
        const variants = clusters.map((weight) => {
          end += weight.weight ?? 0;
          const header = weight.clusterHeader.toLowerCase();
          const named =
            weight.name !== ""
              ? () => weight.name
              : (headers: HeaderMap) => headers.get(header) ?? "";
          return { end, route: build(weight, named) };
        });
        const first = variants[0]!.route;
        first.variants = variants;
        first.totalWeight = end;
        return first;
      }
      default:
        return tools.fail(action.value, "cluster_specifier", "is not supported by Legate");
    }
  }

  /** A route that answers by itself, without a message of its own. */
  static direct(name: string, response: DirectResponse, levels: RouteLevels): CompiledRoute {
    return new CompiledRoute({
      name,
      metadata: null,
      directResponse: response,
      forward: null,
      levels,
      filters: [levels.tableFilters, levels.hostFilters].filter((one) => one !== null),
      responseMutations: order([levels.hostLevel, levels.tableLevel], levels.table)
        .map((level) => level.response)
        .filter((one) => one !== null),
      bufferLimitBytes: -1,
      upgrades: null,
      idleTimeoutMs: -1,
      maxStreamDurationMs: -1,
    });
  }

  /** The variant for this request's random value; itself without weights. */
  pick(random: number): CompiledRoute {
    if (this.variants.length === 0) return this;
    const point = random % this.totalWeight;
    for (const variant of this.variants) if (point < variant.end) return variant.route;
    return this;
  }

  filterConfig(filterName: string): unknown {
    for (let i = this.filters.length - 1; i >= 0; i--) {
      const found = this.filters[i]!.get(filterName);
      if (found !== undefined && found.config !== null) return found.config;
    }
    return null;
  }

  filterConfigs(filterName: string): readonly unknown[] {
    const found: unknown[] = [];
    for (const level of this.filters) {
      const config = level.get(filterName)?.config ?? null;
      if (config !== null) found.push(config);
    }
    return found;
  }

  isFilterDisabled(filterName: string): boolean | null {
    for (let i = this.filters.length - 1; i >= 0; i--) {
      const found = this.filters[i]!.get(filterName);
      if (found !== undefined) return found.isDisabled ?? false;
    }
    return null;
  }

  finalizeResponseHeaders(headers: HeaderMap, info: StreamInfo): void {
    for (let i = 0; i < this.responseMutations.length; i++)
      this.responseMutations[i]!(headers, info);
  }
}

/** Most specific first, or last when it shall win. */
function order(levels: readonly (Level | null)[], table: RouteConfiguration): Level[] {
  const present = levels.filter((level) => level !== null);
  return table.mostSpecificHeaderMutationsWins ? present.reverse() : present;
}

function bufferLimit(message: RouteMessage, host: VirtualHost): number {
  const body = message.requestBodyBufferLimit ?? host.requestBodyBufferLimit;
  if (body !== undefined) return Number(body);
  return message.perRequestBufferLimitBytes ?? host.perRequestBufferLimitBytes ?? -1;
}

function compileUpgrades(action: RouteAction | null): ReadonlyMap<string, boolean> | null {
  if (action === null || action.upgradeConfigs.length === 0) return null;
  return new Map(
    action.upgradeConfigs.map((one) => [one.upgradeType.toLowerCase(), one.enabled ?? true]),
  );
}

function compileDirect(message: RouteMessage, tools: RouteTools): DirectResponse | null {
  const { action } = message;
  if (action.case === "redirect")
    return compileRedirect(
      action.value,
      message.match === undefined ? -1 : rewrittenLength(message.match),
      tools,
    );
  if (action.case !== "directResponse") return null;
  const { body, status } = action.value;
  const text =
    body === undefined
      ? ""
      : Buffer.from(tools.readDataSource(body, action.value, "body")).toString("utf8");
  return { code: status, isRedirect: false, headers: () => null, body: () => text };
}

function compileForward(
  message: RouteMessage,
  action: RouteAction,
  weight: WeightedCluster_ClusterWeight | null,
  clusterName: (headers: HeaderMap) => string,
  ordered: readonly Level[],
  levels: RouteLevels,
  tools: RouteTools,
): ForwardRoute {
  const mutations = ordered.map((level) => level.request).filter((one) => one !== null);
  const rewritePath = compilePathRewrite(message, action, tools);
  const rewriteHost = compileHostRewrite(action, weight, tools);
  const retry = action.retryPolicy ?? levels.host.retryPolicy;
  const retryPolicy: RetryPolicy | null =
    retry === undefined ? null : parseRetryPolicy(retry, tools);
  const notFound = [503, 404, 500][action.clusterNotFoundResponseCode] ?? 503;
  const { hostRewriteSpecifier } = action;
  return {
    clusterName,
    clusterNotFoundCode: notFound,
    priority: action.priority as 0 | 1,
    timeoutMs: ms(action.timeout, 15_000),
    retryPolicy,
    autoHostRewrite:
      hostRewriteSpecifier.case === "autoHostRewrite" && hostRewriteSpecifier.value.value,
    appendXForwardedHost: action.appendXForwardedHost,
    includeAttemptCountInRequest: levels.host.includeRequestAttemptCount,
    includeAttemptCountInResponse: levels.host.includeAttemptCountInResponse,
    grpcTimeoutMaxMs: ms(action.maxStreamDuration?.grpcTimeoutHeaderMax, -1),
    grpcTimeoutOffsetMs: ms(action.maxStreamDuration?.grpcTimeoutHeaderOffset, 0),
    finalizeRequestHeaders(headers, info, addsOriginalPath) {
      for (let i = 0; i < mutations.length; i++) mutations[i]!(headers, info);
      if (rewriteHost !== null) setHost(headers, rewriteHost(headers), action.appendXForwardedHost);
      if (rewritePath === null) return;
      const path = headers.get(":path") ?? "";
      if (addsOriginalPath) headers.set("x-envoy-original-path", path);
      headers.set(":path", rewritePath(path));
    },
  };
}

/** Replaces `:authority`; the old one is kept where config asks for it. */
export function setHost(
  headers: HeaderMap,
  host: string | undefined,
  appendsForwardedHost: boolean,
): void {
  if (host === undefined || host === "") return;
  const old = headers.get(":authority") ?? "";
  if (appendsForwardedHost && old !== "") headers.add("x-forwarded-host", old);
  headers.set("x-envoy-original-host", old);
  headers.set(":authority", host);
}

function compilePathRewrite(
  message: RouteMessage,
  action: RouteAction,
  tools: RouteTools,
): ((path: string) => string) | null {
  if (action.prefixRewrite !== "") {
    const length = message.match === undefined ? -1 : rewrittenLength(message.match);
    return (path) => {
      const query = path.indexOf("?");
      const end = length >= 0 ? length : query < 0 ? path.length : query;
      return action.prefixRewrite + path.slice(end);
    };
  }
  const regex = action.regexRewrite;
  if (regex?.pattern === undefined) return null;
  const compiled = compileRegexMatcher(regex.pattern, tools);
  return (path) => {
    const query = path.indexOf("?");
    const plain = query < 0 ? path : path.slice(0, query);
    return compiled.replace(plain, regex.substitution) + (query < 0 ? "" : path.slice(query));
  };
}

function compileHostRewrite(
  action: RouteAction,
  weight: WeightedCluster_ClusterWeight | null,
  tools: RouteTools,
): ((headers: HeaderMap) => string | undefined) | null {
  if (weight?.hostRewriteSpecifier.case === "hostRewriteLiteral") {
    const literal = weight.hostRewriteSpecifier.value;
    return () => literal;
  }
  const { hostRewriteSpecifier: specifier } = action;
  switch (specifier.case) {
    case "hostRewriteLiteral": {
      const literal = specifier.value;
      return () => literal;
    }
    case "hostRewriteHeader": {
      const header = specifier.value.toLowerCase();
      return (headers) => headers.get(header);
    }
    case "hostRewritePathRegex": {
      const { pattern, substitution } = specifier.value;
      if (pattern === undefined) return tools.fail(specifier.value, "pattern", "is required");
      const regex = compileRegexMatcher(pattern, tools);
      return (headers) => regex.replace((headers.get(":path") ?? "").split("?")[0]!, substitution);
    }
    default:
      return null;
  }
}
