/** Access logging: what an extension declares, what it may use, and what the path calls. */
import type { Message } from "@bufbuild/protobuf";
import type { HeaderMap, StreamInfo } from "@legate/filter-sdk";
import type { ConfigContext, HonouredFields } from "../../extension.ts";
import type { LogFiles } from "./log-files.ts";

/** One configured logger on one thread. */
export interface AccessLog {
  /** Called once per stream, at its end. Must not throw or block. */
  log(info: StreamInfo): void;
}

/** What parsers need beside the config itself. */
export interface AccessLogConfigContext extends ConfigContext {
  /** Compiles a config.route.v3.HeaderMatcher. */
  compileHeaderMatcher(matcher: object): (headers: HeaderMap) => boolean;
  /** Compiles a type.matcher.v3.StringMatcher. */
  compileStringMatcher(matcher: object): (text: string) => boolean;
}

/** What loggers need at run time; one per thread. */
export interface AccessLogRuntime {
  readonly files: LogFiles;
}

/** An access logger. `Config` is ready to use: formats compiled. */
export interface AccessLogExtension<Config = unknown> {
  /** Envoy's name, `envoy.access_loggers.file`. */
  readonly name: string;
  readonly configType: string;
  readonly honours: HonouredFields;
  parseConfig(message: Message, context: AccessLogConfigContext): Config;
  /** Throws an Error when a file can't be opened. */
  createLog(config: Config, runtime: AccessLogRuntime): AccessLog;
}
