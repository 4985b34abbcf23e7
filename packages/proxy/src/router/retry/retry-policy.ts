/** config.route.v3.RetryPolicy → RetryPolicy. */
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { RetryPolicy as RetryPolicyMessage } from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { ConfigContext } from "../../extension.ts";
import { compileHeaderMatcher } from "../../http/matchers/header-matcher.ts";
import type { RetryPolicy } from "../route-table/contracts.ts";
import { parseRetryOn } from "./retry-on.ts";

const PREVIOUS_HOSTS = "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate";

function ms(duration: Duration | undefined, fallback: number): number {
  return duration === undefined ? fallback : Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

export function parseRetryPolicy(message: RetryPolicyMessage, context: ConfigContext): RetryPolicy {
  const responseHeaders = message.retriableHeaders.map((matcher) =>
    compileHeaderMatcher(matcher, context),
  );
  const requestHeaders = message.retriableRequestHeaders.map((matcher) =>
    compileHeaderMatcher(matcher, context),
  );
  const baseIntervalMs = ms(message.retryBackOff?.baseInterval, 25);
  const maxIntervalMs = ms(message.retryBackOff?.maxInterval, baseIntervalMs * 10);
  if (maxIntervalMs < baseIntervalMs)
    context.fail(
      message.retryBackOff!,
      "max_interval",
      "must be greater than or equal to base_interval",
    );
  for (const predicate of message.retryHostPredicate) {
    if (
      predicate.configType.case !== "typedConfig" ||
      !predicate.configType.value.typeUrl.endsWith(PREVIOUS_HOSTS)
    )
      context.fail(predicate, "typed_config", "only previous_hosts is supported by Legate");
  }
  return {
    retryOn: parseRetryOn(message.retryOn),
    numRetries: message.numRetries ?? 1,
    perTryTimeoutMs: ms(message.perTryTimeout, 0),
    perTryIdleTimeoutMs: ms(message.perTryIdleTimeout, 0),
    baseIntervalMs,
    maxIntervalMs,
    retriableStatusCodes: message.retriableStatusCodes,
    hostSelectionMaxAttempts: Number(message.hostSelectionRetryMaxAttempts) || 1,
    avoidPreviousHosts: message.retryHostPredicate.length > 0,
    matchesRetriableHeaders: (headers) => responseHeaders.some((matches) => matches(headers)),
    matchesRetriableRequestHeaders: (headers) =>
      requestHeaders.length === 0 || requestHeaders.some((matches) => matches(headers)),
  };
}
