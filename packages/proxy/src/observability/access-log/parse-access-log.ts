/** config.accesslog.v3.AccessLog → a ready config, and that → a logger on one thread. */
import type { Any } from "@bufbuild/protobuf/wkt";
import type { StreamInfo } from "@legate/filter-sdk";
import type {
  AccessLog,
  AccessLogConfigContext,
  AccessLogExtension,
  AccessLogRuntime,
} from "./access-log.ts";
import { fileAccessLog } from "./file/index.ts";
import { type AccessLogFilter, type AccessLogFilterMessage, parseFilter } from "./filters.ts";
import { stderrAccessLog } from "./stderr/index.ts";
import { stdoutAccessLog } from "./stdout/index.ts";

// Each logger gets back the config that it parsed itself, so its type needn't be known here.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyAccessLogExtension = AccessLogExtension<any>;

/** The built-in access loggers: one line each. */
export const accessLogExtensions: readonly AnyAccessLogExtension[] = [
  fileAccessLog,
  stderrAccessLog,
  stdoutAccessLog,
];

/** The shape of an AccessLog message as protobuf-es gives it. */
export interface AccessLogMessage {
  readonly name: string;
  readonly filter?: AccessLogFilterMessage;
  readonly configType:
    | { readonly case: "typedConfig"; readonly value: Any }
    | { readonly case: undefined; readonly value?: undefined };
}

export interface AccessLogConfig {
  readonly filter: AccessLogFilter | null;
  readonly extension: AnyAccessLogExtension;
  readonly config: unknown;
}

/** Throws a ConfigError. `extensions` are the known loggers, found by their config's type. */
export function parseAccessLog(
  message: AccessLogMessage,
  context: AccessLogConfigContext,
  extensions: readonly AnyAccessLogExtension[] = accessLogExtensions,
): AccessLogConfig {
  const { configType } = message;
  if (configType.case === undefined) return context.fail(message, "typed_config", "is required");
  const config = context.unpack(configType.value);
  const extension = extensions.find((known) => known.configType === config.$typeName);
  if (extension === undefined) {
    const text = `access logger ${config.$typeName} is not supported by Legate`;
    return context.fail(message, "typed_config", text);
  }
  return {
    filter: message.filter === undefined ? null : parseFilter(message.filter, context),
    extension,
    config: extension.parseConfig(config, context),
  };
}

/** Opens what the logger needs; throws an Error when a file can't be opened. */
export function createAccessLog(parsed: AccessLogConfig, runtime: AccessLogRuntime): AccessLog {
  const log = parsed.extension.createLog(parsed.config, runtime);
  return parsed.filter === null ? log : new FilteredAccessLog(parsed.filter, log);
}

class FilteredAccessLog implements AccessLog {
  private readonly accepts: AccessLogFilter;
  private readonly inner: AccessLog;

  constructor(accepts: AccessLogFilter, inner: AccessLog) {
    this.accepts = accepts;
    this.inner = inner;
  }

  log(info: StreamInfo): void {
    if (this.accepts(info)) this.inner.log(info);
  }
}
