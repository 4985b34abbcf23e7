import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type DescField } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { messageType } from "@legate/envoy-api";
import { checkAbsent, checkValue } from "./rules.ts";

function field(message: string, name: string): DescField {
  return messageType(message).fields.find((known) => known.name === name)!;
}

const ROUTE = "envoy.config.route.v3";
const CORE = "envoy.config.core.v3";

describe("checkValue", () => {
  const table: readonly [message: string, field: string, value: unknown, problem: RegExp | null][] =
    [
      [`${CORE}.SocketAddress`, "port_value", 65535, null],
      [`${CORE}.SocketAddress`, "port_value", 65536, /less than or equal to 65535/],
      [`${CORE}.SocketAddress`, "address", "", /at least 1 characters/],
      [`${ROUTE}.DirectResponseAction`, "status", 199, /greater than or equal to 200/],
      [`${ROUTE}.DirectResponseAction`, "status", 600, /less than 600/],
      [`${ROUTE}.VirtualHost`, "domains", [], /at least 1 item/],
      [`${ROUTE}.VirtualHost`, "domains", ["a\nb"], /no valid HTTP header/],
      [`${CORE}.HeaderValue`, "key", "x\ny", /no valid HTTP header name/],
      [`${CORE}.HeaderValue`, "value", "a".repeat(20_000), /at most 16384 bytes/],
      [`${CORE}.HeaderValueOption`, "append_action", 9, /one of the defined enum values/],
      ["envoy.type.v3.HttpStatus", "code", 0, /must not be in list/],
      ["envoy.config.cluster.v3.Cluster", "connect_timeout", seconds(0n), /greater than 0s/],
      ["envoy.config.cluster.v3.Cluster", "connect_timeout", seconds(1n), null],
      ["envoy.config.accesslog.v3.ResponseFlagFilter", "flags", ["UF"], null],
      ["envoy.config.accesslog.v3.ResponseFlagFilter", "flags", ["XX"], /must be in list LH, /],
      [`${ROUTE}.RouteConfiguration`, "internal_only_headers", ["a", ""], null],
    ];
  for (const [message, name, value, problem] of table)
    it(`${message}.${name} ${String(value).slice(0, 20)}`, () => {
      const found = checkValue(field(message, name), value);
      if (problem === null) assert.equal(found, null);
      else assert.match(String(found), problem);
    });
});

describe("checkAbsent", () => {
  const table: readonly [message: string, field: string, problem: RegExp | null][] = [
    [`${ROUTE}.Route`, "match", /^value is required$/],
    [`${ROUTE}.VirtualHost`, "name", /^value is required$/],
    [`${ROUTE}.VirtualHost`, "domains", /at least 1 item/],
    [`${ROUTE}.DirectResponseAction`, "status", /greater than or equal to 200/],
    ["envoy.type.v3.HttpStatus", "code", /must not be in list/],
    [`${ROUTE}.VirtualHost`, "require_tls", null],
    ["envoy.config.cluster.v3.Cluster", "connect_timeout", null],
    // Fields of a oneof are the oneof's matter.
    [`${CORE}.SocketAddress`, "port_value", null],
  ];
  for (const [message, name, problem] of table)
    it(`${message}.${name}`, () => {
      const found = checkAbsent(field(message, name));
      if (problem === null) assert.equal(found, null);
      else assert.match(String(found), problem);
    });
});

function seconds(value: bigint) {
  return create(DurationSchema, { seconds: value });
}
