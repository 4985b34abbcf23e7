/** Plain YAML and JSON scalars as Envoy's readers take them, and protobuf's scalars out of these. */
import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { isMap, isScalar, type Node, type Scalar } from "yaml";
import { nearest } from "./problems.ts";

export type ScalarValue = string | number | boolean | null;

/** JSON keeps fractions as numbers; Envoy's YAML reader hands them on as text. */
export type Notation = "yaml" | "json";

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^[-+]?(?:0x[0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const MAX_INT64 = 2n ** 63n - 1n;

/** What was wanted in place of the value found. */
export class Wanted {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A scalar node's value. Quoted ones are text; plain ones go by their look, and so do tagged ones. */
export function scalarValue(node: Scalar, notation: Notation): ScalarValue {
  if (node.type !== "PLAIN") return String(node.value ?? node.source ?? "");
  const text = node.source ?? String(node.value ?? "");
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null;
  if (notation === "json") {
    if (text === "true" || text === "false") return text === "true";
    return NUMBER.test(text) ? exact(text) : text;
  }
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  return INTEGER.test(text) ? integerOf(text) : text;
}

/** Text when a double can't hold it. */
function exact(text: string): number | string {
  const number = Number(text);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number;
}

/** Decimal, 0x hexadecimal and 0 octal; text when int64 or a double can't hold it. */
function integerOf(text: string): number | string {
  const digits = text.replace(/^[-+]/, "");
  const isOctal = /^0[0-7]+$/.test(digits);
  const size = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  if (size > MAX_INT64) return text;
  const value = text.startsWith("-") ? -size : size;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}

/** What a node is, in words for messages. */
export function describe(node: Node | null, notation: Notation): string {
  if (node === null) return "nothing";
  if (!isScalar(node)) return isMap(node) ? "a mapping" : "a list";
  const value = scalarValue(node, notation);
  if (value === null) return "null";
  if (typeof value !== "string") return `${typeof value} ${value}`;
  if (node.type === "PLAIN" && NUMBER.test(value)) return `number ${value}`;
  return value.length > 60 ? `the string '${value.slice(0, 57)}...'` : `the string '${value}'`;
}

/** A protobuf scalar: string, boolean, number, bigint or bytes. */
export function readScalar(type: ScalarType, node: Scalar, notation: Notation): unknown {
  const value = scalarValue(node, notation);
  switch (type) {
    case ScalarType.STRING:
      return typeof value === "string" ? value : new Wanted("a string (put it in quotes)");
    case ScalarType.BOOL:
      if (value === "true") return true;
      if (value === "false") return false;
      return typeof value === "boolean" ? value : new Wanted("true or false");
    case ScalarType.BYTES:
      return readBase64(value);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT: {
      const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
      return Number.isFinite(number) ? number : new Wanted("a number");
    }
    default:
      return readInteger(type, value);
  }
}

function readBase64(value: ScalarValue): Uint8Array | Wanted {
  if (typeof value !== "string") return new Wanted("base64 text");
  const text = value.replace(/\s/g, "");
  const isWhole = text.endsWith("=") ? text.length % 4 === 0 : text.length % 4 !== 1;
  if (!BASE64.test(text) || !isWhole) return new Wanted("base64 text");
  return new Uint8Array(Buffer.from(text, "base64"));
}

function readInteger(type: ScalarType, value: ScalarValue): number | bigint | Wanted {
  let big: bigint;
  if (typeof value === "string" && /^-?\d+$/.test(value)) big = BigInt(value);
  else {
    const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isInteger(number))
      return new Wanted("a whole number");
    big = BigInt(number);
  }
  const { isLong, least, most } = rangeOf(type);
  if (big < least || big > most) return new Wanted(`a whole number from ${least} to ${most}`);
  return isLong ? big : Number(big);
}

const UNSIGNED = [ScalarType.UINT32, ScalarType.UINT64, ScalarType.FIXED32, ScalarType.FIXED64];
const LONG = [
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
];

function rangeOf(type: ScalarType): { isLong: boolean; least: bigint; most: bigint } {
  const isLong = LONG.includes(type);
  const bits = isLong ? 64n : 32n;
  if (UNSIGNED.includes(type)) return { isLong, least: 0n, most: 2n ** bits - 1n };
  return { isLong, least: -(2n ** (bits - 1n)), most: 2n ** (bits - 1n) - 1n };
}

/**
 * An enum's number; a string is the whole message of what is wrong. Names are found in any case, with
 * `-` for `_`, as in Envoy's reader.
 */
export function readEnum(type: DescEnum, node: Scalar, notation: Notation): number | string {
  // ON, OFF, NO and their like are enum names here, whatever YAML says.
  const text = node.source ?? String(node.value);
  const upper = text.toUpperCase().replaceAll("-", "_");
  const named = type.values.find((known) => known.name === text || known.name === upper);
  if (named !== undefined) return named.number;
  const number = readInteger(ScalarType.INT32, scalarValue(node, notation));
  if (typeof number === "number") return number;
  const names = type.values.map((known) => known.name);
  const near = nearest(text, names);
  const hint = near === null ? `; one of ${names.join(", ")}` : ` (did you mean '${near}'?)`;
  return `unknown enum value: '${text}'${hint}`;
}
