/** Plain YAML scalars as Envoy's reader takes them. */
import { isScalar, type Node, type Scalar } from "yaml";

export type ScalarValue = string | number | bigint | boolean | null;

const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^[-+]?(?:0x[0-9a-fA-F]+|0o?[0-7]+|\d+)$/;
const FLOAT = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** The value of a scalar node: quoted ones are strings; plain ones by their look. */
export function scalarValue(node: Scalar): ScalarValue {
  if (node.type !== "PLAIN" || node.tag === "tag:yaml.org,2002:str")
    return String(node.value ?? node.source ?? "");
  const text = node.source ?? String(node.value ?? "");
  if (text === "" || text === "~" || text === "null" || text === "Null" || text === "NULL")
    return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (INTEGER.test(text)) {
    const digits = text.replace(/^[-+]/, "");
    const sign = text.startsWith("-") ? -1n : 1n;
    const isOctal = /^0[0-7]+$/.test(digits);
    const big = sign * BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
    return big >= BigInt(Number.MIN_SAFE_INTEGER) && big <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(big)
      : big;
  }
  if (FLOAT.test(text)) return Number(text);
  return text;
}

/** What a node is, in words for messages. */
export function describe(node: Node | null): string {
  if (node === null) return "nothing";
  if (!isScalar(node))
    return "items" in node && /Map/.test(node.constructor.name) ? "a mapping" : "a list";
  const value = scalarValue(node);
  if (value === null) return "null";
  return typeof value === "string"
    ? `the string '${value.slice(0, 60)}'`
    : `${typeof value} ${value}`;
}
