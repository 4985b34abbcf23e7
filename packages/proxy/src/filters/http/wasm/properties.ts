/** Properties by path: `request`, `path`. Source: Envoy's attributes and source/extensions/filters/common/expr/context.cc. */
import { create, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { messageType } from "@legate/envoy-api";
import type { Address, HeaderMap, StreamInfo } from "@legate/filter-sdk";
import {
  booleanProperty,
  integerProperty,
  latin1Property,
  mapProperty,
  textProperty,
  WasmResult,
} from "@legate/proxy-wasm";
import { grpcStatusOfHttp } from "../../../http/formatter/grpc-status.ts";
import { jsonProperty } from "./json-property.ts";
import type { ProxyPluginHost } from "./plugin-host.ts";
import type { WasmFilter } from "./wasm-filter.ts";

type Value = Uint8Array | WasmResult;
const NS_PER_MS = 1e6;
const REQUEST_HEADERS = 0;
const RESPONSE_HEADERS = 2;
const RESPONSE_TRAILERS = 3;

/** What a plugin can read without a stream. */
export function pluginProperty(path: readonly string[], host: ProxyPluginHost): Value {
  const { config, thread } = host;
  switch (path[0]) {
    case "plugin_name":
      return textProperty(config.name);
    case "plugin_root_id":
      return textProperty(config.rootId);
    case "plugin_vm_id":
      return textProperty(config.vmId);
    case "xds":
      if (path[1] === "node") return nodeProperty(path.slice(2), host);
      if (path[1] === "listener_direction") return integerProperty(thread.listenerDirection);
      return path.length === 1 ? WasmResult.SerializationFailure : WasmResult.NotFound;
    default:
      return WasmResult.NotFound;
  }
}

function nodeProperty(path: readonly string[], host: ProxyPluginHost): Value {
  const { id, cluster, zone } = host.thread.node;
  if (path.length === 0) {
    const type = messageType("envoy.config.core.v3.Node");
    return toBinary(type, fromJson(type, { id, cluster, locality: { zone } }));
  }
  if (path.length === 1 && path[0] === "id") return textProperty(id);
  if (path.length === 1 && path[0] === "cluster") return textProperty(cluster);
  if (path.length === 2 && path[0] === "locality" && path[1] === "zone") return textProperty(zone);
  return WasmResult.NotFound;
}

/** What a plugin can read of a stream, and everything of pluginProperty. */
export function streamProperty(path: readonly string[], filter: WasmFilter): Value {
  const [group, name] = path;
  const attributes = GROUPS[group ?? ""];
  if (attributes !== undefined) {
    if (name === undefined) return WasmResult.SerializationFailure;
    const read = attributes[name];
    const value = read === undefined ? null : read(filter, path.slice(2));
    return value ?? (group === "xds" ? pluginProperty(path, filter.host) : WasmResult.NotFound);
  }
  const info = filter.callbacks.streamInfo;
  switch (group) {
    case "connection_id":
      return integerProperty(info.connectionId);
    case "metadata":
      return metadataProperty(
        info.dynamicMetadata === null ? {} : Object.fromEntries(info.dynamicMetadata),
        path.slice(1),
      );
    case "filter_state":
      return name === undefined ? WasmResult.SerializationFailure : filterState(info, name);
  }
  const known = pluginProperty(path, filter.host);
  return known === WasmResult.NotFound && path.length === 1
    ? filterState(info, `wasm.${group}`)
    : known;
}

/** Null: not there now. */
type Attribute = (filter: WasmFilter, rest: readonly string[]) => Value | null;

const leaf =
  (read: (filter: WasmFilter) => Value | null): Attribute =>
  (filter, rest) =>
    rest.length === 0 ? read(filter) : null;
const text = (value: string | null | undefined): Value | null =>
  value == null ? null : textProperty(value);
const bytes = (value: string | null | undefined): Value | null =>
  value == null ? null : latin1Property(value);
const milliseconds = (value: number): Value => integerProperty(Math.round(value * NS_PER_MS));
const infoOf = (filter: WasmFilter): StreamInfo => filter.callbacks.streamInfo;

/** The request's headers as far as the plugin can reach them now. */
const request = (filter: WasmFilter): HeaderMap | null =>
  filter.context.readableMap(REQUEST_HEADERS) as HeaderMap | null;
const requestHeader = (name: string): Attribute =>
  leaf((filter) => bytes(request(filter)?.get(name)));
const requestPath = (part: (path: string, query: number) => string): Attribute =>
  leaf((filter) => {
    const path = request(filter)?.get(":path");
    return path === undefined ? null : latin1Property(part(path, path.indexOf("?")));
  });

function headerProperty(map: HeaderMap | null, rest: readonly string[]): Value | null {
  const [name] = rest;
  if (map === null || rest.length > 1) return null;
  if (name === undefined) return mapProperty(map);
  const values = map.getAll(name.toLowerCase());
  return values.length === 0 ? null : latin1Property(values.join(","));
}

const addressText = (read: (info: StreamInfo) => Address | null): Attribute =>
  leaf((filter) => bytes(read(infoOf(filter))?.text));
const addressPort = (read: (info: StreamInfo) => Address | null): Attribute =>
  leaf((filter) => {
    const address = read(infoOf(filter));
    return address === null ? null : integerProperty(address.port);
  });

/** The request is complete: what only then is known. */
const atEnd = (read: (info: StreamInfo) => Value | null): Attribute =>
  leaf((filter) => {
    const info = infoOf(filter);
    return info.isComplete || filter.context.isLogging ? read(info) : null;
  });

function contentLengthOr(headers: HeaderMap | null, otherwise: number): Value {
  const length = headers?.get("content-length");
  return integerProperty(length !== undefined && /^\d+$/.test(length) ? BigInt(length) : otherwise);
}

const GROUPS: Readonly<Record<string, Readonly<Record<string, Attribute>>>> = {
  request: {
    path: requestHeader(":path"),
    url_path: requestPath((path, query) => (query < 0 ? path : path.slice(0, query))),
    query: requestPath((path, query) => (query < 0 ? "" : path.slice(query + 1))),
    host: requestHeader(":authority"),
    scheme: requestHeader(":scheme"),
    method: requestHeader(":method"),
    referer: requestHeader("referer"),
    useragent: requestHeader("user-agent"),
    id: requestHeader("x-request-id"),
    protocol: leaf((filter) => text(infoOf(filter).protocol)),
    headers: (filter, rest) => headerProperty(request(filter), rest),
    time: leaf((filter) => milliseconds(infoOf(filter).startTimeMs)),
    duration: atEnd((info) => milliseconds(info.lastDownstreamTxMs - info.startMonotonicMs)),
    size: leaf((filter) => contentLengthOr(request(filter), infoOf(filter).bytesReceived)),
    total_size: leaf((filter) => {
      const info = infoOf(filter);
      return integerProperty(info.bytesReceived + (request(filter)?.byteSize ?? 0));
    }),
  },
  response: {
    code: leaf((filter) => {
      const { responseCode } = infoOf(filter);
      return responseCode === 0 ? null : integerProperty(responseCode);
    }),
    code_details: leaf((filter) => text(infoOf(filter).responseCodeDetails)),
    flags: leaf((filter) => integerProperty(infoOf(filter).responseFlags)),
    grpc_status: leaf((filter) => {
      const status =
        filter.context.readableMap(RESPONSE_TRAILERS)?.get("grpc-status") ??
        filter.context.readableMap(RESPONSE_HEADERS)?.get("grpc-status");
      if (status !== undefined)
        return /^\d+$/.test(status) ? integerProperty(Number(status)) : null;
      const { responseCode } = infoOf(filter);
      return responseCode === 0 ? null : integerProperty(grpcStatusOfHttp(responseCode));
    }),
    headers: (filter, rest) =>
      headerProperty(filter.context.readableMap(RESPONSE_HEADERS) as HeaderMap | null, rest),
    trailers: (filter, rest) =>
      headerProperty(filter.context.readableMap(RESPONSE_TRAILERS) as HeaderMap | null, rest),
    size: leaf((filter) => integerProperty(infoOf(filter).bytesSent)),
    total_size: leaf((filter) => {
      const headers = filter.context.readableMap(RESPONSE_HEADERS)?.byteSize ?? 0;
      const trailers = filter.context.readableMap(RESPONSE_TRAILERS)?.byteSize ?? 0;
      return integerProperty(infoOf(filter).bytesSent + headers + trailers);
    }),
    backend_latency: leaf((filter) => {
      const info = infoOf(filter);
      return info.lastUpstreamRxMs < 0 || info.firstUpstreamTxMs < 0
        ? null
        : milliseconds(info.lastUpstreamRxMs - info.firstUpstreamTxMs);
    }),
  },
  connection: {
    id: leaf((filter) => integerProperty(infoOf(filter).connectionId)),
    mtls: leaf(() => booleanProperty(false)),
    requested_server_name: leaf((filter) => text(infoOf(filter).requestedServerName ?? "")),
    termination_details: leaf((filter) => text(infoOf(filter).connectionTerminationDetails)),
  },
  source: {
    address: addressText((info) => info.downstreamRemoteAddress),
    port: addressPort((info) => info.downstreamRemoteAddress),
  },
  destination: {
    address: addressText((info) => info.downstreamLocalAddress),
    port: addressPort((info) => info.downstreamLocalAddress),
  },
  upstream: {
    address: addressText((info) => info.upstreamHostAddress),
    port: addressPort((info) => info.upstreamHostAddress),
    local_address: addressText((info) => info.upstreamLocalAddress),
    transport_failure_reason: leaf((filter) => {
      const info = infoOf(filter);
      const isSelected = info.upstreamHostAddress !== null;
      return text(info.upstreamTransportFailureReason ?? (isSelected ? "" : null));
    }),
    request_attempt_count: leaf((filter) => integerProperty(infoOf(filter).attemptCount)),
  },
  xds: {
    cluster_name: leaf((filter) => text(infoOf(filter).upstreamCluster ?? routeCluster(filter))),
    route_name: leaf((filter) => text(filter.callbacks.route()?.name ?? "")),
    virtual_host_name: leaf((filter) => text(filter.callbacks.route()?.virtualHostName)),
    filter_chain_name: leaf((filter) => text(infoOf(filter).filterChainName ?? "")),
    route_metadata: (filter, rest) => {
      const route = filter.callbacks.route();
      return route === null ? null : metadataProperty(route.metadata ?? {}, rest);
    },
    cluster_metadata: (filter, rest) => {
      const name = infoOf(filter).upstreamCluster ?? routeCluster(filter);
      const cluster = name === null ? null : filter.callbacks.clusterManager.get(name);
      return cluster === null ? null : metadataProperty(cluster.metadata ?? {}, rest);
    },
    listener_metadata: (_filter, rest) => metadataProperty({}, rest),
  },
};

function routeCluster(filter: WasmFilter): string | null {
  const headers = filter.callbacks.requestHeaders;
  if (headers === null) return null;
  return filter.callbacks.route()?.forward?.clusterName(headers) ?? null;
}

/** A Metadata message: `filter_metadata`, namespace, keys. `namespaces` holds plain JSON. */
function metadataProperty(
  namespaces: Readonly<Record<string, unknown>>,
  path: readonly string[],
): Value {
  if (path.length === 0) {
    const type = messageType("envoy.config.core.v3.Metadata");
    if (Object.keys(namespaces).length === 0) return toBinary(type, create(type));
    return toBinary(type, fromJson(type, { filterMetadata: namespaces as JsonValue }));
  }
  if (path[0] !== "filter_metadata") return WasmResult.NotFound;
  return jsonProperty(namespaces, path.slice(1));
}

function filterState(info: StreamInfo, key: string): Value {
  const value = info.filterState?.get(key);
  if (value instanceof Uint8Array) return value;
  return value === undefined ? WasmResult.NotFound : textProperty(String(value));
}
