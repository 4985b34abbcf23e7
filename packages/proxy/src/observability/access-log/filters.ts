/** config.accesslog.v3.AccessLogFilter → a test whether a stream is logged. */
import type { HeaderMap, StreamInfo } from "@legate/filter-sdk";
import type { HonouredFields } from "../../extension.ts";
import { grpcStatus } from "../../http/formatter/grpc-status.ts";
import { responseFlagBit } from "../../http/formatter/response-flags.ts";
import type { AccessLogConfigContext } from "./access-log.ts";
import { type MetadataFilterMessage, metadataFilter } from "./metadata-filter.ts";

export type AccessLogFilter = (info: StreamInfo) => boolean;

interface ComparisonMessage {
  /** 0 EQ, 1 GE, 2 LE, 3 NE. */
  readonly op: number;
  readonly value?: { readonly defaultValue: number };
}

interface RuntimeMessage {
  readonly percentSampled?: { readonly numerator: number; readonly denominator: number };
  readonly useIndependentRandomness: boolean;
}

/** The shape of an AccessLogFilter as protobuf-es gives it. */
export interface AccessLogFilterMessage {
  readonly filterSpecifier:
    | { case: "statusCodeFilter"; value: { readonly comparison?: ComparisonMessage } }
    | { case: "durationFilter"; value: { readonly comparison?: ComparisonMessage } }
    | { case: "notHealthCheckFilter"; value: object }
    | { case: "traceableFilter"; value: object }
    | { case: "runtimeFilter"; value: RuntimeMessage }
    | { case: "andFilter"; value: { readonly filters: readonly AccessLogFilterMessage[] } }
    | { case: "orFilter"; value: { readonly filters: readonly AccessLogFilterMessage[] } }
    | { case: "headerFilter"; value: { readonly header?: object } }
    | { case: "responseFlagFilter"; value: { readonly flags: readonly string[] } }
    | { case: "grpcStatusFilter"; value: { statuses: readonly number[]; exclude: boolean } }
    | { case: "extensionFilter"; value: object }
    | { case: "metadataFilter"; value: MetadataFilterMessage }
    | { case: "logTypeFilter"; value: { types: readonly number[]; exclude: boolean } }
    | { case: undefined; value?: undefined };
}

const PREFIX = "envoy.config.accesslog.v3";

export const filterHonours: HonouredFields = {
  [`${PREFIX}.AccessLog`]: ["name", "filter", "typed_config"],
  [`${PREFIX}.AccessLogFilter`]: [
    "status_code_filter",
    "duration_filter",
    "not_health_check_filter",
    "traceable_filter",
    "runtime_filter",
    "and_filter",
    "or_filter",
    "header_filter",
    "response_flag_filter",
    "grpc_status_filter",
    "metadata_filter",
    "log_type_filter",
  ],
  [`${PREFIX}.StatusCodeFilter`]: "*",
  [`${PREFIX}.DurationFilter`]: "*",
  [`${PREFIX}.ComparisonFilter`]: "*",
  [`${PREFIX}.NotHealthCheckFilter`]: "*",
  [`${PREFIX}.TraceableFilter`]: "*",
  [`${PREFIX}.RuntimeFilter`]: "*",
  [`${PREFIX}.AndFilter`]: "*",
  [`${PREFIX}.OrFilter`]: "*",
  [`${PREFIX}.HeaderFilter`]: "*",
  [`${PREFIX}.ResponseFlagFilter`]: "*",
  [`${PREFIX}.GrpcStatusFilter`]: "*",
  [`${PREFIX}.MetadataFilter`]: "*",
  [`${PREFIX}.LogTypeFilter`]: "*",
  "envoy.config.core.v3.RuntimeUInt32": "*",
  "envoy.type.v3.FractionalPercent": "*",
  "envoy.type.matcher.v3.MetadataMatcher": "*",
  "envoy.type.matcher.v3.MetadataMatcher.PathSegment": "*",
  "envoy.type.matcher.v3.ValueMatcher": "*",
  "envoy.type.matcher.v3.ValueMatcher.NullMatch": "*",
  "envoy.type.matcher.v3.DoubleMatcher": "*",
  "envoy.type.v3.DoubleRange": "*",
  "envoy.type.matcher.v3.ListMatcher": "*",
  "envoy.type.matcher.v3.OrMatcher": "*",
};

/** data.accesslog.v3.AccessLogType.DownstreamEnd: the only type that is logged. */
const DOWNSTREAM_END = 6;
const GRPC_UNKNOWN = 2;
const PERCENT_DENOMINATORS: readonly number[] = [100, 10_000, 1_000_000];

/** Throws a ConfigError. */
export function parseFilter(
  message: AccessLogFilterMessage,
  context: AccessLogConfigContext,
): AccessLogFilter {
  const { filterSpecifier } = message;
  switch (filterSpecifier.case) {
    case "statusCodeFilter": {
      const matches = comparison(filterSpecifier.value.comparison);
      return (info) => matches(info.responseCode);
    }
    case "durationFilter": {
      const matches = comparison(filterSpecifier.value.comparison);
      return (info) => matches(Math.floor(performance.now() - info.startMonotonicMs));
    }
    case "notHealthCheckFilter":
      return (info) => !info.isHealthCheck;
    case "traceableFilter":
      // Without a tracer no request is traceable.
      return () => false;
    case "runtimeFilter":
      return runtimeFilter(filterSpecifier.value);
    case "andFilter": {
      const filters = filterSpecifier.value.filters.map((filter) => parseFilter(filter, context));
      return (info) => filters.every((filter) => filter(info));
    }
    case "orFilter": {
      const filters = filterSpecifier.value.filters.map((filter) => parseFilter(filter, context));
      return (info) => filters.some((filter) => filter(info));
    }
    case "headerFilter":
      return headerFilter(filterSpecifier.value, context);
    case "responseFlagFilter":
      return responseFlagFilter(filterSpecifier.value, context);
    case "grpcStatusFilter": {
      const { statuses, exclude } = filterSpecifier.value;
      return (info) => {
        const status = grpcStatus(info, true);
        return statuses.includes(status < 0 ? GRPC_UNKNOWN : status) !== exclude;
      };
    }
    case "metadataFilter":
      return metadataFilter(filterSpecifier.value, context);
    case "logTypeFilter": {
      const { types, exclude } = filterSpecifier.value;
      const isLogged = types.includes(DOWNSTREAM_END) !== exclude;
      return () => isLogged;
    }
    case "extensionFilter":
      return context.fail(message, "extension_filter", "not supported by Legate");
    default:
      return context.fail(message, "status_code_filter", "a filter is required");
  }
}

function comparison(message: ComparisonMessage | undefined): (value: number) => boolean {
  const bound = message?.value?.defaultValue ?? 0;
  switch (message?.op) {
    case 1:
      return (value) => value >= bound;
    case 2:
      return (value) => value <= bound;
    case 3:
      return (value) => value !== bound;
    default:
      return (value) => value === bound;
  }
}

/** Samples by the request id, so that all parties log the same requests. */
function runtimeFilter(message: RuntimeMessage): AccessLogFilter {
  const numerator = message.percentSampled?.numerator ?? 0;
  const denominator = PERCENT_DENOMINATORS[message.percentSampled?.denominator ?? 0] ?? 100;
  const isIndependent = message.useIndependentRandomness;
  return (info) => {
    const id = isIndependent ? undefined : info.requestHeaders?.get("x-request-id");
    const stable = id === undefined ? Number.NaN : Number.parseInt(id.slice(0, 8), 16);
    const point = Number.isNaN(stable) ? Math.floor(Math.random() * denominator) : stable;
    return point % denominator < numerator;
  };
}

function headerFilter(
  message: { readonly header?: object },
  context: AccessLogConfigContext,
): AccessLogFilter {
  if (message.header === undefined) return context.fail(message, "header", "is required");
  const matches = context.compileHeaderMatcher(message.header);
  return (info) => info.requestHeaders !== null && matches(info.requestHeaders as HeaderMap);
}

function responseFlagFilter(
  message: { readonly flags: readonly string[] },
  context: AccessLogConfigContext,
): AccessLogFilter {
  let bits = 0;
  for (const flag of message.flags) {
    const bit = responseFlagBit(flag);
    if (bit === 0) return context.fail(message, "flags", `unknown response flag ${flag}`);
    bits |= bit;
  }
  return bits === 0
    ? (info) => info.responseFlags !== 0
    : (info) => (info.responseFlags & bits) !== 0;
}
