/** ConfigContext for one thread: unpacks, reads files, compiles matchers, and names places in errors. */
import { readFileSync } from "node:fs";
import type { JsonValue, Message } from "@bufbuild/protobuf";
import { toJson } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { unpackAny } from "@legate/envoy-api";
import type { DataSource } from "@legate/envoy-api/envoy/config/core/v3/base_pb.js";
import type { HeaderMatcher } from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { StringMatcher } from "@legate/envoy-api/envoy/type/matcher/v3/string_pb.js";
import type { Logger } from "@legate/filter-sdk";
import type { HcmConfigTools } from "../downstream/http-connection-manager/config.ts";
import type { HttpFilterExtension, NodeInfo } from "../extension.ts";
import { httpFilters } from "../extensions.ts";
import { compileHeaderMatcher } from "../http/matchers/header-matcher.ts";
import { compileStringMatcher } from "../http/matchers/string-matcher.ts";
import type { RouteTools } from "../router/route-table/route-table.ts";
import { ConfigError } from "./config/problems.ts";
import type { SourceMap } from "./config/source-map.ts";

/** What differs between the main thread and workers. */
export interface BuildTools {
  /** Null on workers, where the configuration is known to be good. */
  readonly source: SourceMap | null;
  /** Shown where no better place is known. */
  readonly file: string;
  /** What files and environment variables held when the configuration was checked; main fills it. */
  readonly data: Map<string, Uint8Array>;
  /** Finds or makes shared memory. */
  share(name: string, bytes: number): SharedArrayBuffer;
  readonly isMainThread: boolean;
  readonly node: NodeInfo;
  logger(component: string): Logger;
}

export class BuildContext implements HcmConfigTools, RouteTools {
  readonly isMainThread: boolean;
  readonly node: NodeInfo;
  /** Names of the clusters; the parser of the server fills it before it parses listeners. */
  readonly clusterNames = new Set<string>();
  private readonly tools: BuildTools;
  private readonly source: SourceMap | null;
  private readonly decoded = new WeakMap<object, Message>();

  constructor(tools: BuildTools) {
    this.tools = tools;
    this.source = tools.source;
    this.isMainThread = tools.isMainThread;
    this.node = tools.node;
  }

  fail(message: object, field: string, text: string): never {
    const place = this.source?.locate(message, field) ?? {
      file: this.tools.file,
      line: 0,
      column: 0,
      path: field,
    };
    throw new ConfigError([{ severity: "error", place, message: text }]);
  }

  unpack(any: Any): Message {
    if (any.typeUrl === "") return this.fail(any, "@type", "is missing: which message is this?");
    const walked = this.source?.unpacked(any) ?? null;
    if (walked !== null) return walked;
    let message = this.decoded.get(any);
    if (message === undefined) {
      message = unpackAny(any);
      this.decoded.set(any, message);
    }
    return message;
  }

  structToJson(struct: object): unknown {
    return toJson(StructSchema, struct as never) as JsonValue;
  }

  shareMemory(name: string, bytes: number): SharedArrayBuffer {
    return this.tools.share(name, bytes);
  }

  logger(component: string): Logger {
    return this.tools.logger(component);
  }

  isKnownCluster(name: string): boolean {
    return this.clusterNames.has(name);
  }

  readDataSource(message: Message, owner: object, field: string): Uint8Array {
    const { specifier } = message as DataSource;
    switch (specifier.case) {
      case "inlineBytes":
        return specifier.value;
      case "inlineString":
        return Buffer.from(specifier.value);
      case "environmentVariable": {
        const value = process.env[specifier.value];
        if (value === undefined)
          return this.fail(
            message,
            "environment_variable",
            `Environment variable doesn't exist: ${specifier.value}`,
          );
        return Buffer.from(value);
      }
      case "filename":
        return this.readOnce(specifier.value, message);
      default:
        return this.fail(owner, field, "is required");
    }
  }

  /** Workers get what main has read, also when the file has changed since. */
  private readOnce(path: string, message: Message): Uint8Array {
    const known = this.tools.data.get(path);
    if (known !== undefined) return known;
    try {
      const read = readFileSync(path);
      this.tools.data.set(path, read);
      return read;
    } catch {
      return this.fail(message, "filename", `Invalid path: ${path}`);
    }
  }

  compileHeaderMatcher(matcher: object) {
    return compileHeaderMatcher(matcher as HeaderMatcher, this);
  }

  compileStringMatcher(matcher: object) {
    return compileStringMatcher(matcher as StringMatcher, this);
  }

  httpFilter(typeName: string): HttpFilterExtension | null {
    return httpFilters.find((extension) => extension.configType === typeName) ?? null;
  }

  routeFilter(typeName: string): HttpFilterExtension | null {
    return httpFilters.find((extension) => extension.routeConfigType === typeName) ?? null;
  }
}
