/** envoy.filters.http.health_check: descriptor and configuration. */
import type { HealthCheck } from "@legate/envoy-api/envoy/extensions/filters/http/health_check/v3/health_check_pb.js";
import type { HttpFilterExtension } from "../../../extension.ts";
import { fractionHonours } from "../../../http/fraction.ts";
import { HealthCheckCache, type HealthCheckConfig, HealthCheckFilter } from "./filter.ts";

const TYPE = "envoy.extensions.filters.http.health_check.v3.HealthCheck";

export const healthCheck: HttpFilterExtension<HealthCheckConfig, never> = {
  name: "envoy.filters.http.health_check",
  configType: TYPE,
  routeConfigType: null,
  honours: {
    [TYPE]: ["pass_through_mode", "cache_time", "cluster_min_healthy_percentages", "headers"],
    ...fractionHonours,
  },
  isTerminal: false,
  parseConfig(message, context) {
    const config = message as HealthCheck;
    const isPassThrough = config.passThroughMode ?? false;
    const { cacheTime } = config;
    if (!isPassThrough && cacheTime !== undefined)
      context.fail(
        config,
        "cache_time",
        "cache_time_ms must not be set when path_through_mode is disabled",
      );
    const matchers = config.headers.map((matcher) => context.compileHeaderMatcher(matcher));
    return {
      isPassThrough,
      matches: (headers) => matchers.every((matches) => matches(headers)),
      minHealthyPercentages: new Map(
        isPassThrough
          ? []
          : Object.entries(config.clusterMinHealthyPercentages).map(([name, percent]) => [
              name,
              percent.value,
            ]),
      ),
      cacheTimeMs:
        cacheTime === undefined ? 0 : Number(cacheTime.seconds) * 1000 + cacheTime.nanos / 1e6,
    };
  },
  parseRouteConfig(message, context) {
    return context.fail(message, "@type", "health_check has no per-route configuration");
  },
  createFactory(config, context) {
    const cache = new HealthCheckCache();
    return { create: (callbacks) => new HealthCheckFilter(callbacks, config, context, cache) };
  },
};
