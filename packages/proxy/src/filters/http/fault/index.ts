/** envoy.filters.http.fault: descriptor and configuration. */
import type { HTTPFault } from "@legate/envoy-api/envoy/extensions/filters/http/fault/v3/fault_pb.js";
import type { FilterCallbacks } from "@legate/filter-sdk";
import type { ConfigContext, HttpFilterExtension } from "../../../extension.ts";
import { fraction, fractionHonours } from "../../../http/fraction.ts";
import type { HeaderMap } from "../../../http/header-map.ts";
import type { TerminalFilterCallbacks } from "../../terminal-filter.ts";
import { type FaultConfig, FaultFilter } from "./filter.ts";

const PACKAGE = "envoy.extensions.filters.http.fault.v3";
const COMMON = "envoy.extensions.filters.common.fault.v3";

export const fault: HttpFilterExtension<FaultConfig, FaultConfig> = {
  name: "envoy.filters.http.fault",
  configType: `${PACKAGE}.HTTPFault`,
  routeConfigType: `${PACKAGE}.HTTPFault`,
  honours: {
    [`${PACKAGE}.HTTPFault`]: [
      "delay",
      "abort",
      "upstream_cluster",
      "headers",
      "downstream_nodes",
      "max_active_faults",
      "response_rate_limit",
      "disable_downstream_cluster_stats",
    ],
    [`${PACKAGE}.FaultAbort`]: [
      "http_status",
      "grpc_status",
      "header_abort",
      "percentage",
      "response_body",
    ],
    [`${PACKAGE}.FaultAbort.HeaderAbort`]: [],
    [`${COMMON}.FaultDelay`]: ["fixed_delay", "header_delay", "percentage"],
    [`${COMMON}.FaultDelay.HeaderDelay`]: [],
    [`${COMMON}.FaultRateLimit`]: ["fixed_limit", "header_limit", "percentage"],
    [`${COMMON}.FaultRateLimit.FixedLimit`]: ["limit_kbps"],
    [`${COMMON}.FaultRateLimit.HeaderLimit`]: [],
    ...fractionHonours,
  },
  isTerminal: false,
  parseConfig: (message, context) => parseFault(message as HTTPFault, context),
  parseRouteConfig: (message, context) => parseFault(message as HTTPFault, context),
  createFactory(config, context) {
    const scope = context.httpScope.scope("fault");
    const tools = {
      stats: {
        delaysInjected: scope.counter("delays_injected"),
        abortsInjected: scope.counter("aborts_injected"),
        responseRateLimitInjected: scope.counter("response_rl_injected"),
        faultsOverflow: scope.counter("faults_overflow"),
        activeFaults: scope.gauge("active_faults"),
      },
      timers: context.timers,
      clock: context.clock,
      random: () => context.random(),
      clusterOf,
    };
    return { create: (callbacks) => new FaultFilter(callbacks, config, tools) };
  },
};

function clusterOf(callbacks: FilterCallbacks): string {
  const stream = callbacks as TerminalFilterCallbacks;
  if (stream.requestHeaders === null) return "";
  return stream.route()?.forward?.clusterName(stream.requestHeaders) ?? "";
}

function parseFault(message: HTTPFault, context: ConfigContext): FaultConfig {
  const { delay, abort, responseRateLimit: limit } = message;
  const matchers = message.headers.map((matcher) => context.compileHeaderMatcher(matcher));
  return {
    delay:
      delay === undefined
        ? null
        : {
            ms:
              delay.faultDelaySecifier.case === "fixedDelay"
                ? Number(delay.faultDelaySecifier.value.seconds) * 1000 +
                  delay.faultDelaySecifier.value.nanos / 1e6
                : "header",
            fraction: fraction(delay.percentage, 0),
          },
    abort:
      abort === undefined
        ? null
        : {
            httpStatus: abort.errorType.case === "httpStatus" ? abort.errorType.value : 0,
            grpcStatus: abort.errorType.case === "grpcStatus" ? abort.errorType.value : -1,
            isByHeader: abort.errorType.case === "headerAbort",
            fraction: fraction(abort.percentage, 0),
            body: abort.responseBody === "" ? "fault filter abort" : abort.responseBody,
          },
    rateLimit:
      limit === undefined
        ? null
        : {
            kbps:
              limit.limitType.case === "fixedLimit"
                ? Number(limit.limitType.value.limitKbps)
                : "header",
            fraction: fraction(limit.percentage, 0),
          },
    upstreamCluster: message.upstreamCluster,
    downstreamNodes: new Set(message.downstreamNodes),
    matchesHeaders: (headers) => matchers.every((matches) => matches(headers as HeaderMap)),
    maxActiveFaults: message.maxActiveFaults ?? -1,
  };
}
