import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ScalarType } from "@bufbuild/protobuf";
import { messageType } from "@legate/envoy-api";
import { parseDocument, type Scalar } from "yaml";
import {
  describe as inWords,
  type Notation,
  readEnum,
  readScalar,
  scalarValue,
  Wanted,
} from "./scalars.ts";

function scalar(text: string): Scalar {
  return parseDocument(text).contents as Scalar;
}

describe("scalarValue", () => {
  it("reads plain YAML as Envoy's reader does", () => {
    const table: readonly [text: string, value: unknown][] = [
      ["yes", true],
      ["Off", false],
      ["n", false],
      ["~", null],
      ["5", 5],
      ["-5", -5],
      ["0x10", 16],
      ["010", 8],
      ["0o17", "0o17"],
      ["1_000", "1_000"],
      ["1.5", "1.5"],
      ["1e5", "1e5"],
      ["9007199254740993", "9007199254740993"],
      ["99999999999999999999", "99999999999999999999"],
      ["'5'", "5"],
      ['"yes"', "yes"],
      ["!!str 5", 5],
      ["text", "text"],
    ];
    for (const [text, value] of table) assert.equal(scalarValue(scalar(text), "yaml"), value, text);
  });

  it("reads JSON's numbers as numbers and knows only true and false", () => {
    assert.equal(scalarValue(scalar("1.5"), "json"), 1.5);
    assert.equal(scalarValue(scalar("true"), "json"), true);
    assert.equal(scalarValue(scalar("yes"), "json"), "yes");
    assert.equal(scalarValue(scalar("null"), "json"), null);
  });
});

describe("readScalar", () => {
  const read = (type: ScalarType, text: string, notation: Notation = "yaml") => {
    const value = readScalar(type, scalar(text), notation);
    return value instanceof Wanted ? `wanted ${value.text}` : value;
  };

  it("takes texts, fractions among them, and no numbers or booleans", () => {
    assert.equal(read(ScalarType.STRING, "a"), "a");
    assert.equal(read(ScalarType.STRING, "1.5"), "1.5");
    assert.equal(read(ScalarType.STRING, "5"), "wanted a string (put it in quotes)");
    assert.equal(read(ScalarType.STRING, "on"), "wanted a string (put it in quotes)");
    assert.equal(read(ScalarType.STRING, "1.5", "json"), "wanted a string (put it in quotes)");
  });

  it("takes whole numbers in range, in quotes too", () => {
    assert.equal(read(ScalarType.UINT32, "5.0"), 5);
    assert.equal(read(ScalarType.UINT32, "'5e1'"), 50);
    assert.equal(read(ScalarType.UINT32, "5.5"), "wanted a whole number");
    assert.equal(read(ScalarType.UINT32, "''"), "wanted a whole number");
    assert.equal(read(ScalarType.UINT32, "' 5'"), "wanted a whole number");
    assert.match(
      String(read(ScalarType.UINT32, "-1")),
      /^wanted a whole number from 0 to 4294967295$/,
    );
    assert.equal(read(ScalarType.UINT64, "18446744073709551615"), 18446744073709551615n);
    assert.match(String(read(ScalarType.INT64, "18446744073709551615")), /^wanted/);
  });

  it("takes true and false, in quotes too", () => {
    assert.equal(read(ScalarType.BOOL, "'true'"), true);
    assert.equal(read(ScalarType.BOOL, "no"), false);
    assert.equal(read(ScalarType.BOOL, "1"), "wanted true or false");
    assert.equal(read(ScalarType.BOOL, "'yes'"), "wanted true or false");
  });

  it("takes base64 of both alphabets, padded or not", () => {
    for (const text of ["_-8=", "/+8=", "_-8"])
      assert.deepEqual(read(ScalarType.BYTES, text), new Uint8Array([0xff, 0xef]), text);
    for (const text of ["a", "%%%", "YQ="])
      assert.equal(read(ScalarType.BYTES, `"${text}"`), "wanted base64 text", text);
  });
});

describe("readEnum", () => {
  const type = messageType("envoy.config.cluster.v3.Cluster").fields.find(
    (field) => field.name === "type",
  )!.enum!;

  it("takes names and numbers", () => {
    assert.equal(readEnum(type, scalar("STRICT_DNS"), "yaml"), 1);
    assert.equal(readEnum(type, scalar("'1'"), "yaml"), 1);
    assert.equal(readEnum(type, scalar("7"), "yaml"), 7);
  });

  it("names the nearest or all values", () => {
    assert.match(
      String(readEnum(type, scalar("STRICTDNS"), "yaml")),
      /did you mean 'STRICT_DNS'\?/,
    );
    assert.match(
      String(readEnum(type, scalar("zzzzzzzz"), "yaml")),
      /; one of STATIC, STRICT_DNS, /,
    );
    assert.match(String(readEnum(type, scalar("4294967296"), "yaml")), /^unknown enum value/);
  });
});

describe("describe", () => {
  it("names what stands there", () => {
    const words = (text: string) => inWords(parseDocument(text).contents as Scalar, "yaml");
    assert.equal(words("{}"), "a mapping");
    assert.equal(words("[]"), "a list");
    assert.equal(words("5"), "number 5");
    assert.equal(words("5.5"), "number 5.5");
    assert.equal(words("yes"), "boolean true");
    assert.equal(words("~"), "null");
    assert.equal(words("'5'"), "the string '5'");
    assert.equal(words("a".repeat(100)), `the string '${"a".repeat(57)}...'`);
    assert.equal(inWords(null, "yaml"), "nothing");
  });
});
