/** HttpConnectionManager message → HcmConfig: checked and compiled once per thread, before factories run. */
import { BlockList, isIP } from "node:net";
import type { Message } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { HttpProtocolOptions } from "@legate/envoy-api/envoy/config/core/v3/protocol_pb.js";
import type { SubstitutionFormatString } from "@legate/envoy-api/envoy/config/core/v3/substitution_format_string_pb.js";
import type {
  HttpConnectionManager,
  HttpFilter,
  ResponseMapper,
} from "@legate/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { HonouredFields, HttpFilterExtension } from "../../extension.ts";
import {
  DEFAULT_SERVER_OPTIONS,
  HeaderKeyFormat,
  type Http1ServerOptions,
} from "../../http/codecs/http1/options.ts";
import { compileFormat } from "../../http/formatter/compile-format.ts";
import { compileJsonFormat, type JsonStruct } from "../../http/formatter/compile-json-format.ts";
import { FormatError } from "../../http/formatter/format-error.ts";
import { compileHeaderOptions, headerOptionHonours } from "../../http/header-options.ts";
import type { AccessLogConfigContext } from "../../observability/access-log/access-log.ts";
import {
  type AccessLogFilterMessage,
  filterHonours,
  parseFilter,
} from "../../observability/access-log/filters.ts";
import {
  type AccessLogConfig,
  type AccessLogMessage,
  parseAccessLog,
} from "../../observability/access-log/parse-access-log.ts";
import type { LocalReplyConfig, ReplyBodyFormat, ReplyMapper } from "./local-reply.ts";
import type { HcmTimeouts } from "./options.ts";
import { EscapedSlashes, type PathOptions } from "./path-normalization.ts";
import type { ServerHeader } from "./response-headers.ts";

const HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const PACKAGE = "envoy.extensions.filters.network.http_connection_manager.v3";

export const hcmType = HCM;

/** What this stage honours of the connection manager's messages. */
export const hcmHonours: HonouredFields = {
  [HCM]: [
    "codec_type",
    "stat_prefix",
    "route_config",
    "http_filters",
    "add_user_agent",
    "common_http_protocol_options",
    "http_protocol_options",
    "server_name",
    "server_header_transformation",
    "scheme_header_transformation",
    "max_request_headers_kb",
    "stream_idle_timeout",
    "request_timeout",
    "request_headers_timeout",
    "drain_timeout",
    "delayed_close_timeout",
    "access_log",
    "use_remote_address",
    "xff_num_trusted_hops",
    "internal_address_config",
    "skip_xff_append",
    "via",
    "generate_request_id",
    "preserve_external_request_id",
    "always_set_request_id_in_response",
    "forward_client_cert_details",
    "proxy_100_continue",
    "upgrade_configs",
    "normalize_path",
    "merge_slashes",
    "path_with_escaped_slashes_action",
    "local_reply_config",
    "strip_matching_host_port",
    "strip_any_host_port",
    "strip_trailing_host_dot",
    "stream_error_on_invalid_http_message",
    "append_x_forwarded_port",
  ],
  [`${PACKAGE}.HttpFilter`]: ["name", "typed_config", "is_optional", "disabled"],
  [`${PACKAGE}.LocalReplyConfig`]: ["mappers", "body_format"],
  [`${PACKAGE}.ResponseMapper`]: [
    "filter",
    "status_code",
    "body",
    "body_format_override",
    "headers_to_add",
  ],
  [`${HCM}.UpgradeConfig`]: ["upgrade_type", "enabled"],
  [`${HCM}.InternalAddressConfig`]: ["cidr_ranges", "unix_sockets"],
  "envoy.config.core.v3.CidrRange": ["address_prefix", "prefix_len"],
  "envoy.config.core.v3.SchemeHeaderTransformation": ["scheme_to_overwrite"],
  "envoy.config.core.v3.HttpProtocolOptions": [
    "idle_timeout",
    "max_connection_duration",
    "max_headers_count",
    "max_stream_duration",
    "headers_with_underscores_action",
    "max_requests_per_connection",
    "max_response_headers_kb",
  ],
  "envoy.config.core.v3.Http1ProtocolOptions": [
    "allow_absolute_url",
    "accept_http_10",
    "default_host_for_http_10",
    "header_key_format",
    "enable_trailers",
    "allow_chunked_length",
    "allow_custom_methods",
    "override_stream_error_on_invalid_http_message",
  ],
  "envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat": ["proper_case_words"],
  "envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords": [],
  ...filterHonours,
  ...headerOptionHonours,
};

/** One HTTP filter, its configuration parsed. */
export interface ParsedHttpFilter {
  readonly name: string;
  readonly extension: HttpFilterExtension;
  readonly config: unknown;
  readonly isDisabled: boolean;
}

/** Everything but what needs a worker: stats, clusters, factories. */
export interface HcmConfig {
  readonly statPrefix: string;
  readonly routeConfig: HttpConnectionManager["routeSpecifier"];
  readonly filters: readonly ParsedHttpFilter[];
  readonly accessLogs: readonly AccessLogConfig[];
  readonly codec: Http1ServerOptions;
  readonly defaultHostForHttp10: string;
  readonly path: PathOptions;
  readonly timeouts: HcmTimeouts;
  readonly localReply: LocalReplyConfig;
  readonly serverName: string;
  readonly serverHeader: ServerHeader;
  readonly via: string;
  readonly addsUserAgent: boolean;
  readonly usesRemoteAddress: boolean;
  readonly xffNumTrustedHops: number;
  readonly skipsXffAppend: boolean;
  readonly internalRanges: BlockList | null;
  readonly generatesRequestId: boolean;
  readonly preservesExternalRequestId: boolean;
  readonly setsRequestIdInResponse: boolean;
  readonly appendsXForwardedPort: boolean;
  readonly schemeToOverwrite: string;
  readonly proxies100Continue: boolean;
  readonly keepsOnStreamError: boolean;
  readonly stripsTrailingHostDot: boolean;
  readonly stripsAnyHostPort: boolean;
  readonly stripsMatchingHostPort: boolean;
  readonly upgrades: ReadonlyMap<string, boolean>;
  readonly maxRequestsPerConnection: number;
}

export interface HcmConfigTools extends AccessLogConfigContext {
  /** The HTTP filter whose configuration has that type. */
  httpFilter(typeName: string): HttpFilterExtension | null;
}

/** Throws a ConfigError. Async because filters may compile modules. */
export async function parseHcm(
  message: HttpConnectionManager,
  tools: HcmConfigTools,
): Promise<HcmConfig> {
  const filters: ParsedHttpFilter[] = [];
  for (const filter of message.httpFilters) {
    const parsed = await parseHttpFilter(filter, tools);
    if (parsed !== null) filters.push(parsed);
  }
  checkTerminal(message, filters, tools);
  const common = message.commonHttpProtocolOptions;
  if (message.codecType !== 0 && message.codecType !== 1)
    tools.fail(message, "codec_type", "only AUTO and HTTP1 are supported by Legate");
  if (message.forwardClientCertDetails !== 0)
    tools.fail(message, "forward_client_cert_details", "only SANITIZE is supported by Legate");
  return {
    statPrefix: message.statPrefix,
    routeConfig: message.routeSpecifier,
    filters,
    accessLogs: message.accessLog.map((log) => parseAccessLog(log as AccessLogMessage, tools)),
    codec: parseCodec(message, tools),
    defaultHostForHttp10: message.httpProtocolOptions?.defaultHostForHttp10 ?? "",
    path: {
      normalizes: message.normalizePath ?? false,
      mergesSlashes: message.mergeSlashes,
      escapedSlashes: escapedSlashes(message.pathWithEscapedSlashesAction),
    },
    timeouts: {
      idle: milliseconds(common?.idleTimeout, 3_600_000),
      maxConnectionDuration: milliseconds(common?.maxConnectionDuration, 0),
      streamIdle: milliseconds(message.streamIdleTimeout, 300_000),
      request: milliseconds(message.requestTimeout, 0),
      requestHeaders: milliseconds(message.requestHeadersTimeout, 0),
      maxStreamDuration: milliseconds(common?.maxStreamDuration, 0),
      delayedClose: milliseconds(message.delayedCloseTimeout, 1000),
      drain: milliseconds(message.drainTimeout, 5000),
    },
    localReply: parseLocalReply(message, tools),
    serverName: message.serverName === "" ? "envoy" : message.serverName,
    serverHeader: message.serverHeaderTransformation as ServerHeader,
    via: message.via,
    addsUserAgent: message.addUserAgent ?? false,
    usesRemoteAddress: message.useRemoteAddress ?? false,
    xffNumTrustedHops: message.xffNumTrustedHops,
    skipsXffAppend: message.skipXffAppend,
    internalRanges: parseInternalRanges(message, tools),
    generatesRequestId: message.generateRequestId ?? true,
    preservesExternalRequestId: message.preserveExternalRequestId,
    setsRequestIdInResponse: message.alwaysSetRequestIdInResponse,
    appendsXForwardedPort: message.appendXForwardedPort,
    schemeToOverwrite: message.schemeHeaderTransformation?.transformation.value ?? "",
    proxies100Continue: message.proxy100Continue,
    keepsOnStreamError:
      message.httpProtocolOptions?.overrideStreamErrorOnInvalidHttpMessage ??
      message.streamErrorOnInvalidHttpMessage ??
      false,
    stripsTrailingHostDot: message.stripTrailingHostDot,
    stripsAnyHostPort:
      message.stripPortMode.case === "stripAnyHostPort" && message.stripPortMode.value,
    stripsMatchingHostPort: message.stripMatchingHostPort,
    upgrades: parseUpgrades(message, tools),
    maxRequestsPerConnection: common?.maxRequestsPerConnection ?? 0,
  };
}

function parseUpgrades(
  message: HttpConnectionManager,
  tools: HcmConfigTools,
): ReadonlyMap<string, boolean> {
  const upgrades = new Map<string, boolean>();
  for (const upgrade of message.upgradeConfigs) {
    const name = upgrade.upgradeType.toLowerCase();
    if (upgrades.has(name))
      tools.fail(
        upgrade,
        "upgrade_type",
        `Error: multiple upgrade configs with the same name: '${name}'`,
      );
    upgrades.set(name, upgrade.enabled ?? true);
  }
  return upgrades;
}

/** Null: an optional filter of an unknown type. */
async function parseHttpFilter(
  filter: HttpFilter,
  tools: HcmConfigTools,
): Promise<ParsedHttpFilter | null> {
  const { configType } = filter;
  const hasConfig = configType.case === "typedConfig" && configType.value.typeUrl !== "";
  if (!hasConfig && filter.isOptional) return null;
  if (configType.case !== "typedConfig")
    return tools.fail(filter, "typed_config", `filter '${filter.name}' has no typed_config`);
  const config = tools.unpack(configType.value);
  const extension = tools.httpFilter(config.$typeName);
  if (extension === null) {
    if (filter.isOptional) return null;
    const text = `Didn't find a registered implementation for '${filter.name}' with type URL: '${config.$typeName}'`;
    return tools.fail(filter, "typed_config", text);
  }
  return {
    name: filter.name,
    extension,
    config: await extension.parseConfig(config, tools),
    isDisabled: filter.disabled,
  };
}

/** The last filter, and only it, ends the chain. */
function checkTerminal(
  message: HttpConnectionManager,
  filters: readonly ParsedHttpFilter[],
  tools: HcmConfigTools,
): void {
  filters.forEach((filter, i) => {
    const isLast = i === filters.length - 1;
    const { isTerminal, name } = filter.extension;
    if (isTerminal && !isLast)
      tools.fail(
        message.httpFilters[i]!,
        "name",
        `Error: terminal filter named ${filter.name} of type ${name} must be the last filter in a http filter chain.`,
      );
    if (isLast && filter.isDisabled)
      tools.fail(
        message.httpFilters[i]!,
        "disabled",
        `Error: the last (terminal) filter (${filter.name}) in the chain cannot be disabled by default.`,
      );
    if (!isTerminal && isLast)
      tools.fail(
        message.httpFilters[i]!,
        "name",
        `Error: non-terminal filter named ${filter.name} of type ${name} is the last filter in a http filter chain.`,
      );
  });
}

function parseCodec(message: HttpConnectionManager, tools: HcmConfigTools): Http1ServerOptions {
  const http1 = message.httpProtocolOptions;
  const common: HttpProtocolOptions | undefined = message.commonHttpProtocolOptions;
  const format = http1?.headerKeyFormat?.headerFormat;
  if (format?.case === "statefulFormatter")
    tools.fail(http1!.headerKeyFormat!, "stateful_formatter", "is not supported by Legate");
  return {
    ...DEFAULT_SERVER_OPTIONS,
    acceptHttp10: http1?.acceptHttp10 ?? false,
    allowAbsoluteUrl: http1?.allowAbsoluteUrl ?? true,
    allowChunkedLength: http1?.allowChunkedLength ?? false,
    enableTrailers: http1?.enableTrailers ?? false,
    allowCustomMethods: http1?.allowCustomMethods ?? false,
    headersWithUnderscores: (common?.headersWithUnderscoresAction ?? 0) as 0 | 1 | 2,
    maxHeadersBytes: (message.maxRequestHeadersKb ?? 60) * 1024,
    maxHeadersCount: common?.maxHeadersCount ?? 100,
    headerKeyFormat:
      format?.case === "properCaseWords"
        ? HeaderKeyFormat.ProperCaseWords
        : HeaderKeyFormat.Default,
  };
}

function escapedSlashes(action: number): EscapedSlashes {
  switch (action) {
    case 2:
      return EscapedSlashes.Reject;
    case 3:
      return EscapedSlashes.UnescapeAndRedirect;
    case 4:
      return EscapedSlashes.UnescapeAndForward;
    default:
      return EscapedSlashes.Keep;
  }
}

function parseInternalRanges(
  message: HttpConnectionManager,
  tools: HcmConfigTools,
): BlockList | null {
  const ranges = message.internalAddressConfig?.cidrRanges ?? [];
  if (ranges.length === 0) return null;
  const list = new BlockList();
  for (const range of ranges) {
    const family = isIP(range.addressPrefix);
    if (family === 0)
      tools.fail(range, "address_prefix", `malformed IP address: ${range.addressPrefix}`);
    // As Envoy does: a length above the address's own means all of it.
    const bits = Math.min(range.prefixLen ?? 0, family === 6 ? 128 : 32);
    list.addSubnet(range.addressPrefix, bits, family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

function parseLocalReply(message: HttpConnectionManager, tools: HcmConfigTools): LocalReplyConfig {
  const config = message.localReplyConfig;
  return {
    mappers: (config?.mappers ?? []).map((mapper) => parseMapper(mapper, tools)),
    bodyFormat: config?.bodyFormat === undefined ? null : parseBodyFormat(config.bodyFormat, tools),
  };
}

function parseMapper(mapper: ResponseMapper, tools: HcmConfigTools): ReplyMapper {
  if (mapper.filter === undefined) return tools.fail(mapper, "filter", "is required");
  const accepts = parseFilter(mapper.filter as AccessLogFilterMessage, tools);
  const addHeaders = compileHeaderOptions(mapper.headersToAdd, tools);
  return {
    matches: accepts,
    statusCode: mapper.statusCode ?? 0,
    body:
      mapper.body === undefined
        ? null
        : Buffer.from(tools.readDataSource(mapper.body, mapper, "body")).toString("utf8"),
    bodyFormat:
      mapper.bodyFormatOverride === undefined
        ? null
        : parseBodyFormat(mapper.bodyFormatOverride, tools),
    addHeaders(headers, info) {
      addHeaders?.(headers, info);
    },
  };
}

function parseBodyFormat(format: SubstitutionFormatString, tools: HcmConfigTools): ReplyBodyFormat {
  const options = { omitEmpty: format.omitEmptyValues };
  switch (format.format.case) {
    case "jsonFormat": {
      const json = format.format.value as JsonStruct;
      return {
        formatter: formatted(format, "json_format", tools, () => compileJsonFormat(json, options)),
        contentType: format.contentType === "" ? "application/json" : format.contentType,
      };
    }
    case "textFormat": {
      const text = format.format.value;
      return {
        formatter: formatted(format, "text_format", tools, () => compileFormat(text, options)),
        contentType: format.contentType === "" ? "text/plain" : format.contentType,
      };
    }
    case "textFormatSource": {
      const bytes = tools.readDataSource(format.format.value, format, "text_format_source");
      const text = Buffer.from(bytes).toString("utf8");
      return {
        formatter: formatted(format, "text_format_source", tools, () =>
          compileFormat(text, options),
        ),
        contentType: format.contentType === "" ? "text/plain" : format.contentType,
      };
    }
    default:
      return tools.fail(format, "format", "is required");
  }
}

/** Gives a format's error its place in the file. */
function formatted<T>(owner: Message, field: string, tools: HcmConfigTools, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof FormatError) return tools.fail(owner, field, error.message);
    throw error;
  }
}

/** A Duration in ms; `fallback` when unset. */
export function milliseconds(duration: Duration | undefined, fallback: number): number {
  if (duration === undefined) return fallback;
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}
