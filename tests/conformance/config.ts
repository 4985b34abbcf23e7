/** Turns the cases' configurations into bootstraps: a listener, a cluster and a log file for each. */
import { parse } from "yaml";
import type { CaseConfig } from "./case.ts";

const TYPE = "type.googleapis.com/envoy.";
const ROUTER = `${TYPE}extensions.filters.http.router.v3.Router`;

/** One listener with the cases that share it. */
export interface Unit {
  /** Value of `${ID}`; the same on both sides. */
  readonly id: string;
  readonly config: CaseConfig;
}

export interface UnitPorts {
  readonly origins: readonly number[];
  readonly logPath: string;
}

/** The port of every "connection refused"; nobody listens there. */
export const DEAD_PORT = 1;

const LOG = [
  "%RESPONSE_CODE%",
  "flags=%RESPONSE_FLAGS%",
  "details=%RESPONSE_CODE_DETAILS%",
  "%REQ(:METHOD)%",
  "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
  "%PROTOCOL%",
  "authority=%REQ(:AUTHORITY)%",
  "rx=%BYTES_RECEIVED%",
  "tx=%BYTES_SENT%",
  "host=%UPSTREAM_HOST%",
  "cluster=%UPSTREAM_CLUSTER%",
  "route=%ROUTE_NAME%",
  "attempts=%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
  "failure=%UPSTREAM_TRANSPORT_FAILURE_REASON%",
];

/** The whole bootstrap, as the JSON text that both proxies read. */
export function bootstrap(
  units: readonly Unit[],
  ports: ReadonlyMap<string, UnitPorts>,
  root: string,
): string {
  const own = units[0]?.config.bootstrap;
  const base = {
    node: { id: "conformance-node", cluster: "conformance-cluster" },
    admin: { address: address(0) },
    static_resources: {
      listeners: units.map((unit) => listener(unit, portsOf(ports, unit), root)),
      clusters: units.flatMap((unit) => clusters(unit, portsOf(ports, unit), root)),
    },
  };
  return JSON.stringify(merge(base, own === undefined ? {} : parse(own)), null, 1);
}

/** Client ports lead each log line, so that lines find their case. */
export const LOG_PREFIX = "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%";

function listener(unit: Unit, ports: UnitPorts, root: string): unknown {
  const { config } = unit;
  const read = (text: string | undefined, otherwise: unknown): unknown =>
    text === undefined ? otherwise : parse(fill(text, unit, ports, root));
  const format = [LOG_PREFIX, ...LOG, ...(config.log === undefined ? [] : [config.log])].join(" ");
  const routes = read(config.routes, [
    { match: { prefix: "/" }, route: { cluster: clusterName(unit) } },
  ]);
  const base = {
    "@type": `${TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: unit.id,
    codec_type: "HTTP1",
    delayed_close_timeout: "0.1s",
    access_log: [
      {
        name: "file",
        typed_config: {
          "@type": `${TYPE}extensions.access_loggers.file.v3.FileAccessLog`,
          path: ports.logPath,
          log_format: { text_format_source: { inline_string: `${format}\n` } },
        },
      },
    ],
    route_config: merge(
      {
        name: "local",
        virtual_hosts: read(config.virtualHosts, [
          merge({ name: "all", domains: ["*"], routes }, read(config.virtualHost, {})),
        ]),
      },
      read(config.routeConfig, {}),
    ),
    http_filters: [
      ...(read(config.filters, []) as unknown[]),
      {
        name: "envoy.filters.http.router",
        typed_config: merge({ "@type": ROUTER }, read(config.router, {})),
      },
    ],
  };
  const hcm = { name: "hcm", typed_config: merge(base, read(config.hcm, {})) };
  return merge(
    { name: unit.id, address: address(0), filter_chains: [{ filters: [hcm] }] },
    read(config.listener, {}),
  );
}

function clusters(unit: Unit, ports: UnitPorts, root: string): unknown[] {
  const { config } = unit;
  const main = merge(
    {
      name: clusterName(unit),
      type: "STATIC",
      load_assignment: {
        cluster_name: clusterName(unit),
        endpoints: [{ lb_endpoints: [{ endpoint: { address: address(ports.origins[0] ?? 0) } }] }],
      },
    },
    config.cluster === undefined ? {} : parse(fill(config.cluster, unit, ports, root)),
  );
  const more = config.clusters === undefined ? [] : parse(fill(config.clusters, unit, ports, root));
  return [main, ...(more as unknown[])];
}

/** How many clusters of the bootstrap belong to this unit. */
export function clusterCount(unit: Unit): number {
  const text = unit.config.clusters;
  // Placeholders are not filled yet: `$NAME` and `${NAME}` would not parse as YAML in flow style.
  const more = text === undefined ? [] : parse(text.replace(/[$]\{?[A-Z0-9_]+\}?/g, "0"));
  return 1 + (more as unknown[]).length;
}

const clusterName = (unit: Unit): string => `origin-${unit.id}`;

function portsOf(ports: ReadonlyMap<string, UnitPorts>, unit: Unit): UnitPorts {
  const found = ports.get(unit.id);
  if (found === undefined) throw new Error(`no ports for ${unit.id}`);
  return found;
}

function address(port: number): unknown {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

function fill(text: string, unit: Unit, ports: UnitPorts, root: string): string {
  const values: Readonly<Record<string, string>> = {
    ID: unit.id,
    CLUSTER: clusterName(unit),
    ORIGIN_PORT: String(ports.origins[0]),
    ORIGIN2_PORT: String(ports.origins[1]),
    ORIGIN3_PORT: String(ports.origins[2]),
    DEAD_PORT: String(DEAD_PORT),
    ROOT: root,
  };
  return text.replace(/\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))/g, (_, braced, bare) => {
    const name: string = braced ?? bare;
    const value = values[name];
    if (value === undefined) throw new Error(`unknown placeholder ${name} in: ${text}`);
    return value;
  });
}

/** Mappings merge, everything else replaces. */
function merge(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = key in merged ? merge(merged[key], value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
