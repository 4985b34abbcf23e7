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
import type { HcmConfigTools } from "../downstream/http-connection-manager/config.ts";
import type { HttpFilterExtension } from "../extension.ts";
import { httpFilters } from "../extensions.ts";
import { compileHeaderMatcher } from "../http/matchers/header-matcher.ts";
import { compileStringMatcher } from "../http/matchers/string-matcher.ts";
import type { RouteTools } from "../router/route-table/route-table.ts";
import type { SourceMap } from "./config/document-walker.ts";
import { ConfigError } from "./config/problems.ts";

export class BuildContext implements HcmConfigTools, RouteTools {
  private readonly source: SourceMap | null;
  private readonly file: string;
  private readonly decoded = new WeakMap<object, Message>();
  private readonly onShare: (name: string, bytes: number) => void;

  /** `source` is null on workers, where the configuration is known to be good. */
  constructor(
    source: SourceMap | null,
    file: string,
    onShare: (name: string, bytes: number) => void,
  ) {
    this.source = source;
    this.file = file;
    this.onShare = onShare;
  }

  fail(message: object, field: string, text: string): never {
    const place = this.source?.locate(message, field) ?? {
      file: this.file,
      line: 0,
      column: 0,
      path: field,
    };
    throw new ConfigError([{ severity: "error", place, message: text }]);
  }

  unpack(any: Any): Message {
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

  shareMemory(name: string, bytes: number): void {
    this.onShare(name, bytes);
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
        try {
          return readFileSync(specifier.value);
        } catch {
          return this.fail(message, "filename", `Invalid path: ${specifier.value}`);
        }
      default:
        return this.fail(owner, field, "is required");
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
