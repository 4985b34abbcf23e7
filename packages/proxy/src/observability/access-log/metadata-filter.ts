/** Access log filter on dynamic metadata: type.matcher.v3.MetadataMatcher and ValueMatcher. */
import type { StreamInfo } from "@legate/filter-sdk";
import type { AccessLogConfigContext } from "./access-log.ts";

interface ValueMatcherMessage {
  readonly matchPattern:
    | { case: "nullMatch"; value: object }
    | { case: "doubleMatch"; value: DoubleMatcherMessage }
    | { case: "stringMatch"; value: object }
    | { case: "boolMatch"; value: boolean }
    | { case: "presentMatch"; value: boolean }
    | { case: "listMatch"; value: ListMatcherMessage }
    | { case: "orMatch"; value: { readonly valueMatchers: readonly ValueMatcherMessage[] } }
    | { case: undefined; value?: undefined };
}

interface DoubleMatcherMessage {
  readonly matchPattern:
    | { case: "range"; value: { readonly start: number; readonly end: number } }
    | { case: "exact"; value: number }
    | { case: undefined; value?: undefined };
}

interface ListMatcherMessage {
  readonly matchPattern:
    | { case: "oneOf"; value: ValueMatcherMessage }
    | { case: undefined; value?: undefined };
}

export interface MetadataFilterMessage {
  readonly matcher?: {
    readonly filter: string;
    readonly path: readonly { readonly segment: { readonly value?: string } }[];
    readonly value?: ValueMatcherMessage;
    readonly invert: boolean;
  };
  /** BoolValue; true when unset. */
  readonly matchIfKeyNotFound?: boolean;
}

type ValueTest = (value: unknown) => boolean;

/** Without a matcher every stream is logged if match_if_key_not_found says so. */
export function metadataFilter(
  message: MetadataFilterMessage,
  context: AccessLogConfigContext,
): (info: StreamInfo) => boolean {
  const ifMissing = message.matchIfKeyNotFound ?? true;
  const { matcher } = message;
  if (matcher === undefined) return () => ifMissing;
  const keys = matcher.path.map((part) => part.segment.value ?? "");
  const test: ValueTest =
    matcher.value === undefined ? () => false : compileValueMatcher(matcher.value, context);
  return (info) => {
    let value: unknown = info.dynamicMetadata?.get(matcher.filter);
    for (const key of keys) {
      if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) {
        return ifMissing;
      }
      value = (value as Record<string, unknown>)[key];
    }
    return value === undefined ? ifMissing : test(value) !== matcher.invert;
  };
}

function compileValueMatcher(
  { matchPattern }: ValueMatcherMessage,
  context: AccessLogConfigContext,
): ValueTest {
  switch (matchPattern.case) {
    case "nullMatch":
      return (value) => value === null;
    case "doubleMatch":
      return compileDoubleMatcher(matchPattern.value);
    case "stringMatch": {
      const matches = context.compileStringMatcher(matchPattern.value);
      return (value) => typeof value === "string" && matches(value);
    }
    case "boolMatch":
      return (value) => value === matchPattern.value;
    case "presentMatch":
      return () => matchPattern.value;
    case "listMatch": {
      const { matchPattern: list } = matchPattern.value;
      if (list.case === undefined) return () => false;
      const test = compileValueMatcher(list.value, context);
      return (value) => Array.isArray(value) && value.some(test);
    }
    case "orMatch": {
      const tests = matchPattern.value.valueMatchers.map((m) => compileValueMatcher(m, context));
      return (value) => tests.some((test) => test(value));
    }
    default:
      return () => false;
  }
}

function compileDoubleMatcher({ matchPattern }: DoubleMatcherMessage): ValueTest {
  switch (matchPattern.case) {
    case "range": {
      const { start, end } = matchPattern.value;
      return (value) => typeof value === "number" && value >= start && value < end;
    }
    case "exact":
      return (value) => value === matchPattern.value;
    default:
      return () => false;
  }
}
