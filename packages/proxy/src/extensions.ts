/** The built-in extensions: one line each. */

import { hcmHonours, hcmType } from "./downstream/http-connection-manager/config.ts";
import type { HonouredFields, HttpFilterExtension } from "./extension.ts";
import { buffer } from "./filters/http/buffer/index.ts";
import { cors } from "./filters/http/cors/index.ts";
import { fault } from "./filters/http/fault/index.ts";
import { headerMutation } from "./filters/http/header-mutation/index.ts";
import { healthCheck } from "./filters/http/health-check/index.ts";
import { localRateLimit } from "./filters/http/local-ratelimit/index.ts";
import { native } from "./filters/http/native/index.ts";
import { wasm } from "./filters/http/wasm/index.ts";
import { accessLogExtensions } from "./observability/access-log/parse-access-log.ts";
import { router } from "./router/filter/index.ts";
import { routeHonours } from "./router/route-table/honours.ts";
import { adminHonours } from "./server/admin/admin-server.ts";
import { clusterExtensionTypes, clusterHonours } from "./upstream/cluster-config.ts";

export const httpFilters = [
  buffer,
  cors,
  fault,
  headerMutation,
  healthCheck,
  localRateLimit,
  native,
  router,
  wasm,
] as unknown as readonly HttpFilterExtension[];

const bootstrapHonours: HonouredFields = {
  "envoy.config.bootstrap.v3.Bootstrap": ["node", "static_resources", "admin"],
  "envoy.config.bootstrap.v3.Bootstrap.StaticResources": ["listeners", "clusters"],
  "envoy.config.core.v3.Node": ["id", "cluster", "locality", "metadata"],
  "envoy.config.core.v3.Locality": ["region", "zone", "sub_zone"],
  "envoy.config.listener.v3.Listener": [
    "name",
    "address",
    "filter_chains",
    "per_connection_buffer_limit_bytes",
    "tcp_backlog_size",
    "stat_prefix",
    "traffic_direction",
    "enable_reuse_port",
  ],
  "envoy.config.listener.v3.FilterChain": ["name", "filters"],
  "envoy.config.listener.v3.Filter": ["name", "typed_config"],
};

/** All honoured fields; where several components name a message, their fields add up. */
export const honoured: HonouredFields = merge([
  bootstrapHonours,
  adminHonours,
  hcmHonours,
  routeHonours,
  clusterHonours,
  ...accessLogExtensions.map((extension) => extension.honours),
  ...httpFilters.map((extension) => extension.honours),
]);

/** Types that may stand in an Any of the configuration. */
export const extensionTypes: ReadonlySet<string> = new Set([
  hcmType,
  ...clusterExtensionTypes,
  ...accessLogExtensions.map((extension) => extension.configType),
  ...httpFilters.map((extension) => extension.configType),
  ...httpFilters.flatMap((extension) => extension.routeConfigType ?? []),
  "envoy.config.route.v3.FilterConfig",
  "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
]);

function merge(tables: readonly HonouredFields[]): HonouredFields {
  const all: Record<string, string[] | "*"> = {};
  for (const table of tables)
    for (const [message, fields] of Object.entries(table)) {
      const known = all[message];
      if (fields === "*" || known === "*") all[message] = "*";
      else all[message] = [...(known ?? []), ...fields];
    }
  return all;
}
