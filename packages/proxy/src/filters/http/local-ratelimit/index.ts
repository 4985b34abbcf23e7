/** envoy.filters.http.local_ratelimit: descriptor and configuration. */
import type { LocalRateLimit } from "@legate/envoy-api/envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit_pb.js";
import type { FactoryContext } from "@legate/filter-sdk";
import type { ConfigContext, HttpFilterExtension } from "../../../extension.ts";
import { fractionHonours, runtimeFraction } from "../../../http/fraction.ts";
import {
  type ApplyHeaders,
  compileHeaderOptions,
  headerOptionHonours,
} from "../../../http/header-options.ts";
import { LocalRateLimitFilter, type RateLimit } from "./filter.ts";
import { TOKEN_BUCKET_BYTES, TokenBucket, type TokenBucketOptions } from "./token-bucket.ts";

const PACKAGE = "envoy.extensions.filters.http.local_ratelimit.v3";
const GRPC_RESOURCE_EXHAUSTED = 8;
/** Buckets of single connections, kept for the latest ones. */
const MAX_CONNECTION_BUCKETS = 65_536;

export interface LocalRateLimitConfig {
  readonly statPrefix: string;
  readonly status: number;
  readonly bucket: TokenBucketOptions | null;
  readonly enabled: number;
  readonly enforced: number;
  readonly isPerConnection: boolean;
  readonly addsRateLimitHeaders: boolean;
  readonly grpcStatus: number;
  readonly requestHeaders: ApplyHeaders | null;
  readonly responseHeaders: ApplyHeaders | null;
  /** Distinguishes the shared buckets of configurations. */
  readonly id: number;
}

let nextId = 0;

/** Configurations are parsed in the same order on every thread, so equal ids mean the same bucket. */
export function resetLocalRateLimitIds(): void {
  nextId = 0;
}

export const localRateLimit: HttpFilterExtension<LocalRateLimitConfig, LocalRateLimitConfig> = {
  name: "envoy.filters.http.local_ratelimit",
  configType: `${PACKAGE}.LocalRateLimit`,
  routeConfigType: `${PACKAGE}.LocalRateLimit`,
  honours: {
    [`${PACKAGE}.LocalRateLimit`]: [
      "stat_prefix",
      "status",
      "token_bucket",
      "filter_enabled",
      "filter_enforced",
      "request_headers_to_add_when_not_enforced",
      "response_headers_to_add",
      "local_rate_limit_per_downstream_connection",
      "enable_x_ratelimit_headers",
      "rate_limited_as_resource_exhausted",
    ],
    "envoy.type.v3.TokenBucket": ["max_tokens", "tokens_per_fill", "fill_interval"],
    "envoy.type.v3.HttpStatus": ["code"],
    ...fractionHonours,
    ...headerOptionHonours,
  },
  isTerminal: false,
  parseConfig: (message, context) => parse(message as LocalRateLimit, context),
  parseRouteConfig(message, context) {
    const config = message as LocalRateLimit;
    if (config.tokenBucket === undefined)
      context.fail(
        config,
        "token_bucket",
        "local rate limit token bucket must be set for per filter configs",
      );
    return parse(config, context);
  },
  createFactory(config, context) {
    const limits = new Map<LocalRateLimitConfig, RateLimit>();
    const limitOf = (wanted: LocalRateLimitConfig): RateLimit => {
      let limit = limits.get(wanted);
      if (limit === undefined) {
        limit = createLimit(wanted, context);
        limits.set(wanted, limit);
      }
      return limit;
    };
    limitOf(config);
    return {
      create: (callbacks) =>
        new LocalRateLimitFilter(
          callbacks,
          limitOf(callbacks.routeConfig() ?? config),
          context.clock,
        ),
    };
  },
};

function parse(message: LocalRateLimit, context: ConfigContext): LocalRateLimitConfig {
  const { tokenBucket } = message;
  let bucket: TokenBucketOptions | null = null;
  if (tokenBucket !== undefined) {
    const { fillInterval } = tokenBucket;
    const fillIntervalMs =
      fillInterval === undefined
        ? 0
        : Number(fillInterval.seconds) * 1000 + fillInterval.nanos / 1e6;
    if (fillIntervalMs < 50)
      context.fail(
        tokenBucket,
        "fill_interval",
        "local rate limit token bucket fill timer must be >= 50ms",
      );
    const tokensPerFill = tokenBucket.tokensPerFill ?? 1;
    bucket = { maxTokens: tokenBucket.maxTokens, tokensPerFill, fillIntervalMs };
  }
  const id = nextId++;
  context.shareMemory(`local_ratelimit.${id}`, TOKEN_BUCKET_BYTES);
  const code = message.status?.code ?? 429;
  return {
    statPrefix: message.statPrefix,
    status: code < 400 ? 429 : code,
    bucket,
    enabled: runtimeFraction(message.filterEnabled, 0),
    enforced: runtimeFraction(message.filterEnforced, 0),
    isPerConnection: message.localRateLimitPerDownstreamConnection,
    addsRateLimitHeaders: message.enableXRatelimitHeaders === 1,
    grpcStatus: message.rateLimitedAsResourceExhausted ? GRPC_RESOURCE_EXHAUSTED : -1,
    requestHeaders: compileHeaderOptions(message.requestHeadersToAddWhenNotEnforced, context),
    responseHeaders: compileHeaderOptions(message.responseHeadersToAdd, context),
    id,
  };
}

function createLimit(config: LocalRateLimitConfig, context: FactoryContext): RateLimit {
  const scope = context.stats.scope(`${config.statPrefix}.http_local_rate_limit`);
  const { bucket: options } = config;
  const shared =
    options === null || config.isPerConnection
      ? null
      : new TokenBucket(
          context.sharedMemory(`local_ratelimit.${config.id}`, TOKEN_BUCKET_BYTES),
          options,
        );
  const perConnection = new Map<number, TokenBucket>();
  return {
    stats: {
      enabled: scope.counter("enabled"),
      enforced: scope.counter("enforced"),
      ok: scope.counter("ok"),
      rateLimited: scope.counter("rate_limited"),
    },
    bucket: shared,
    maxTokens: options?.maxTokens ?? 0,
    bucketOf(connectionId) {
      if (!config.isPerConnection || options === null) return shared;
      let bucket = perConnection.get(connectionId);
      if (bucket === undefined) {
        bucket = new TokenBucket(new ArrayBuffer(TOKEN_BUCKET_BYTES), options);
        if (perConnection.size >= MAX_CONNECTION_BUCKETS)
          perConnection.delete(perConnection.keys().next().value ?? connectionId);
        perConnection.set(connectionId, bucket);
      }
      return bucket;
    },
    status: config.status,
    grpcStatus: config.grpcStatus,
    addsRateLimitHeaders: config.addsRateLimitHeaders,
    isEnabled: () => config.enabled >= 1 || context.random() < config.enabled,
    isEnforced: () => config.enforced >= 1 || context.random() < config.enforced,
    addRequestHeaders: (headers, callbacks) =>
      config.requestHeaders?.(headers, callbacks.streamInfo),
    addResponseHeaders: (headers, callbacks) =>
      config.responseHeaders?.(headers, callbacks.streamInfo),
  };
}
