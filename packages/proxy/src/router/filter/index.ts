/** envoy.filters.http.router: descriptor and configuration. */
import type { Router } from "@legate/envoy-api/envoy/extensions/filters/http/router/v3/router_pb.js";
import type { HttpFilterExtension } from "../../extension.ts";
import type { TerminalFilterCallbacks } from "../../filters/terminal-filter.ts";
import { RouterFilter, type RouterOptions } from "./router-filter.ts";
import { RouterStats } from "./router-stats.ts";

const TYPE = "envoy.extensions.filters.http.router.v3.Router";

type Config = Pick<RouterOptions, "suppressesEnvoyHeaders" | "chargesDynamicStats">;

export const router: HttpFilterExtension<Config, never> = {
  name: "envoy.filters.http.router",
  configType: TYPE,
  routeConfigType: null,
  honours: { [TYPE]: ["dynamic_stats", "suppress_envoy_headers"] },
  isTerminal: true,
  parseConfig(message) {
    const config = message as Router;
    return {
      suppressesEnvoyHeaders: config.suppressEnvoyHeaders,
      chargesDynamicStats: config.dynamicStats ?? true,
    };
  },
  parseRouteConfig(message, context) {
    return context.fail(message, "@type", "router has no per-route configuration");
  },
  createFactory(config, context) {
    const options: RouterOptions = {
      ...config,
      timers: context.timers,
      clock: context.clock,
      stats: new RouterStats(context.httpScope),
    };
    return {
      create: (callbacks) => new RouterFilter(callbacks as TerminalFilterCallbacks, options),
    };
  },
};
