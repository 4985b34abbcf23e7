/** The validation rules of Envoy's API (validate.rules), applied to one field's value. */
import type { DescField } from "@bufbuild/protobuf";
import { scalarZeroValue } from "@bufbuild/protobuf/reflect";
import { type Duration, FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { fieldRules } from "@legate/envoy-api";
import type { FieldRules, StringRules } from "@legate/envoy-api/validate/validate_pb.js";
import { compileRegex } from "../../http/matchers/regex.ts";

/** Null: the value keeps the field's rules. Otherwise what is wrong, in PGV's words. */
export function checkValue(field: DescField, value: unknown): string | null {
  const rules = fieldRules(field);
  return rules === null ? null : check(rules, value, field);
}

/** The field must be present: message.required and its like. */
export function isRequired(field: DescField): boolean {
  const rules = fieldRules(field);
  if (rules === null) return false;
  if (rules.message?.required === true) return true;
  const { type } = rules;
  return (
    (type.case === "any" || type.case === "duration" || type.case === "timestamp") &&
    type.value.required
  );
}

/** Rules that an absent field breaks: a string that must not be empty, a list that must have items, a number that must not be 0. */
export function checkAbsent(field: DescField): string | null {
  if (field.oneof !== undefined) return null;
  if (isRequired(field)) return "value is required";
  const rules = fieldRules(field);
  if (rules === null) return null;
  switch (field.fieldKind) {
    case "list":
      return check(rules, [], field);
    case "map":
      return check(rules, {}, field);
    case "enum":
      return hasPresence(field) ? null : check(rules, 0, field);
    case "scalar":
      if (
        rules.type.case === "string" &&
        !rules.type.value.ignoreEmpty &&
        needsText(rules.type.value)
      )
        return "value is required";
      return hasPresence(field) ? null : check(rules, scalarZeroValue(field.scalar, false), field);
    default:
      return null;
  }
}

function needsText(rules: StringRules): boolean {
  return rules.minLen > 0n || rules.minBytes > 0n;
}

function hasPresence(field: DescField): boolean {
  return field.presence !== FeatureSet_FieldPresence.IMPLICIT;
}

function check(rules: FieldRules, value: unknown, field: DescField): string | null {
  const { type } = rules;
  switch (type.case) {
    case "string":
      return typeof value === "string" ? checkString(type.value, value) : null;
    case "repeated": {
      if (!Array.isArray(value)) return null;
      const { minItems, maxItems, unique, items } = type.value;
      if (type.value.ignoreEmpty && value.length === 0) return null;
      if (value.length < Number(minItems)) return `value must contain at least ${minItems} item(s)`;
      if (maxItems > 0n && value.length > Number(maxItems))
        return `value must contain no more than ${maxItems} item(s)`;
      if (unique && new Set(value).size !== value.length)
        return "repeated value must contain unique items";
      for (const item of value) {
        const problem = items === undefined ? null : check(items, item, field);
        if (problem !== null) return problem;
      }
      return null;
    }
    case "map":
      return typeof value === "object" &&
        value !== null &&
        Object.keys(value).length < Number(type.value.minPairs)
        ? `value must contain at least ${type.value.minPairs} pair(s)`
        : null;
    case "enum": {
      const isKnown = field.enum?.values.some((known) => known.number === value);
      if (type.value.definedOnly && isKnown === false)
        return "value must be one of the defined enum values";
      return checkNumber(type.value, value as number);
    }
    case "duration":
      return checkDuration(type.value, value as Duration);
    case "bool":
      return type.value.const !== undefined && value !== type.value.const
        ? `value must equal ${type.value.const}`
        : null;
    case "bytes":
      return value instanceof Uint8Array && value.length < Number(type.value.minLen)
        ? `value length must be at least ${type.value.minLen} bytes`
        : null;
    case "any":
    case "timestamp":
    case undefined:
      return null;
    default:
      if (type.value.ignoreEmpty && Number(value) === 0) return null;
      return checkNumber(type.value as NumberRules, value as number | bigint);
  }
}

interface NumberRules {
  readonly const?: number | bigint;
  readonly lt?: number | bigint;
  readonly lte?: number | bigint;
  readonly gt?: number | bigint;
  readonly gte?: number | bigint;
  readonly in?: readonly (number | bigint)[];
  readonly notIn?: readonly (number | bigint)[];
}

/** protobuf-es gives unset optional numbers their zero: presence is what `hasOwn` says. */
function bound(rules: object, name: string): number | bigint | undefined {
  return Object.hasOwn(rules, name)
    ? ((rules as Record<string, unknown>)[name] as number | bigint)
    : undefined;
}

function checkNumber(rules: NumberRules, value: number | bigint): string | null {
  const gte = bound(rules, "gte");
  const gt = bound(rules, "gt");
  const lte = bound(rules, "lte");
  const lt = bound(rules, "lt");
  const equal = bound(rules, "const");
  if (equal !== undefined && value !== equal) return `value must equal ${equal}`;
  if (gte !== undefined && value < gte) return `value must be greater than or equal to ${gte}`;
  if (gt !== undefined && value <= gt) return `value must be greater than ${gt}`;
  if (lte !== undefined && value > lte) return `value must be less than or equal to ${lte}`;
  if (lt !== undefined && value >= lt) return `value must be less than ${lt}`;
  if (rules.in !== undefined && rules.in.length > 0 && !rules.in.includes(value))
    return "value must be in list";
  if (rules.notIn?.includes(value)) return "value must not be in list";
  return null;
}

function checkDuration(
  rules: {
    gt?: Duration | undefined;
    gte?: Duration | undefined;
    lt?: Duration | undefined;
    lte?: Duration | undefined;
  },
  value: Duration,
): string | null {
  const nanos = (duration: Duration) => duration.seconds * 1_000_000_000n + BigInt(duration.nanos);
  const text = (duration: Duration) => `${Number(nanos(duration)) / 1e9}s`;
  const at = nanos(value);
  if (rules.gt !== undefined && at <= nanos(rules.gt))
    return `value must be greater than ${text(rules.gt)}`;
  if (rules.gte !== undefined && at < nanos(rules.gte))
    return `value must be greater than or equal to ${text(rules.gte)}`;
  if (rules.lt !== undefined && at >= nanos(rules.lt))
    return `value must be less than ${text(rules.lt)}`;
  if (rules.lte !== undefined && at > nanos(rules.lte))
    return `value must be less than or equal to ${text(rules.lte)}`;
  return null;
}

function checkString(rules: StringRules, value: string): string | null {
  if (rules.ignoreEmpty && value === "") return null;
  const size = Buffer.byteLength(value);
  if (size < Number(rules.minBytes)) return `value length must be at least ${rules.minBytes} bytes`;
  if (rules.maxBytes > 0n && size > Number(rules.maxBytes))
    return `value length must be at most ${rules.maxBytes} bytes`;
  const length = [...value].length;
  if (length < Number(rules.minLen))
    return `value length must be at least ${rules.minLen} characters`;
  if (rules.maxLen > 0n && length > Number(rules.maxLen))
    return `value length must be at most ${rules.maxLen} characters`;
  if (rules.prefix !== "" && !value.startsWith(rules.prefix))
    return `value does not have prefix "${rules.prefix}"`;
  if (rules.suffix !== "" && !value.endsWith(rules.suffix))
    return `value does not have suffix "${rules.suffix}"`;
  if (rules.in.length > 0 && !rules.in.includes(value))
    return `value must be in list ${rules.in.join(", ")}`;
  if (rules.notIn.includes(value)) return "value must not be in list";
  if (rules.pattern !== "" && !compileRegex(rules.pattern).search(value))
    return `value does not match regex pattern "${rules.pattern}"`;
  if (rules.wellKnown.case === "wellKnownRegex") {
    const isName = rules.wellKnown.value === 1;
    const bad = isName ? /[\0\r\n]/ : /[\0\r\n]/;
    if (bad.test(value)) return `value is no valid HTTP header ${isName ? "name" : "value"}`;
  }
  return null;
}
