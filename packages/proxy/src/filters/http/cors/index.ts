/** envoy.filters.http.cors: descriptor and configuration. The policies stand at routes and virtual hosts. */
import type { CorsPolicy as PolicyMessage } from "@legate/envoy-api/envoy/extensions/filters/http/cors/v3/cors_pb.js";
import type { ConfigContext, HttpFilterExtension } from "../../../extension.ts";
import { fractionHonours, runtimeFraction } from "../../../http/fraction.ts";
import { CorsFilter, type CorsPolicy } from "./filter.ts";

const PACKAGE = "envoy.extensions.filters.http.cors.v3";

export const cors: HttpFilterExtension<null, CorsPolicy> = {
  name: "envoy.filters.http.cors",
  configType: `${PACKAGE}.Cors`,
  routeConfigType: `${PACKAGE}.CorsPolicy`,
  honours: {
    [`${PACKAGE}.Cors`]: [],
    [`${PACKAGE}.CorsPolicy`]: "*",
    "envoy.type.matcher.v3.StringMatcher": "*",
    "envoy.type.matcher.v3.RegexMatcher": ["regex", "google_re2"],
    "envoy.type.matcher.v3.RegexMatcher.GoogleRE2": [],
    ...fractionHonours,
  },
  isTerminal: false,
  parseConfig: () => null,
  parseRouteConfig: (message, context) => parsePolicy(message as PolicyMessage, context),
  createFactory(_config, context) {
    const stats = {
      originValid: context.httpScope.counter("cors.origin_valid"),
      originInvalid: context.httpScope.counter("cors.origin_invalid"),
    };
    return { create: (callbacks) => new CorsFilter(callbacks, stats) };
  },
};

function parsePolicy(message: PolicyMessage, context: ConfigContext): CorsPolicy {
  const origins = message.allowOriginStringMatch.map((matcher) =>
    context.compileStringMatcher(matcher),
  );
  const enabled = runtimeFraction(message.filterEnabled, 1);
  const shadow = runtimeFraction(message.shadowEnabled, 0);
  return {
    allowsOrigin:
      origins.length === 0
        ? null
        : (origin) => origin === "*" || origins.some((matches) => matches(origin)),
    allowMethods: message.allowMethods,
    allowHeaders: message.allowHeaders,
    exposeHeaders: message.exposeHeaders,
    maxAge: message.maxAge,
    allowCredentials: message.allowCredentials ?? null,
    allowPrivateNetwork: message.allowPrivateNetworkAccess ?? null,
    forwardNotMatchingPreflights: message.forwardNotMatchingPreflights ?? null,
    isEnabled: () => enabled >= 1 || Math.random() < enabled,
    isShadowEnabled: () => shadow >= 1 || Math.random() < shadow,
  };
}
