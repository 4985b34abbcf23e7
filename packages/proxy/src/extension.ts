/** What a built-in extension declares: one descriptor per folder, one line per descriptor in extensions.ts. */
import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { FactoryContext, HeaderMap, HttpFilterFactory, Logger } from "@legate/filter-sdk";

/**
 * Which fields of a message Legate acts on: full message name → proto field names (snake_case), or
 * "*" for all. A present field that nobody honours is refused when config is loaded.
 */
export type HonouredFields = Readonly<Record<string, readonly string[] | "*">>;

/** What a parser of config may use. Every failure names the place in the user's file. */
export interface ConfigContext {
  /** Throws a ConfigError at `field` (proto name) of `message`, a message of the loaded config. */
  fail(message: object, field: string, text: string): never;
  /** The typed message inside an Any, the same object each time. */
  unpack(any: Any): Message;
  /** Bytes of a core.v3.DataSource (filename, inline_bytes, inline_string, environment_variable). */
  readDataSource(source: Message, owner: object, field: string): Uint8Array;
  /** A google.protobuf.Struct message as plain JSON. */
  structToJson(struct: object): unknown;
  /** Memory that all threads share, made at the first call for `name` and zero-filled then. */
  shareMemory(name: string, bytes: number): SharedArrayBuffer;
  /** Configurations are checked on the main thread; workers build them knowing that they are good. */
  readonly isMainThread: boolean;
  readonly node: NodeInfo;
  /** A logger of that component name, as in `--component-log-level`. */
  logger(component: string): Logger;
  isKnownCluster(name: string): boolean;
  /** Compiles a config.route.v3.HeaderMatcher. */
  compileHeaderMatcher(matcher: object): (headers: HeaderMap) => boolean;
  /** Compiles a type.matcher.v3.StringMatcher. */
  compileStringMatcher(matcher: object): (text: string) => boolean;
}

/** From the bootstrap's node and --service-node, --service-cluster, --service-zone. */
export type NodeInfo = FactoryContext["node"];

/** An HTTP filter. `Config` and `RouteConfig` are ready to use: regexes compiled, names lowercased. */
export interface HttpFilterExtension<Config = unknown, RouteConfig = unknown> {
  /** Envoy's name, `envoy.filters.http.cors`. */
  readonly name: string;
  /** Full name of the message of its configuration, by which it is found. */
  readonly configType: string;
  /** Full name of the message of its per-route configuration; null when it has none. */
  readonly routeConfigType: string | null;
  readonly honours: HonouredFields;
  /** Must be the last filter of the chain; only router and its like. */
  readonly isTerminal: boolean;
  /** Runs on the main thread (to validate) and on each worker. May be async: compiling a module. */
  parseConfig(message: Message, context: ConfigContext): Config | Promise<Config>;
  parseRouteConfig(message: Message, context: ConfigContext): RouteConfig;
  /** Runs on each worker, and on the main thread when validating (workerIndex -1). */
  createFactory(
    config: Config,
    context: FactoryContext,
  ): HttpFilterFactory | Promise<HttpFilterFactory>;
}
