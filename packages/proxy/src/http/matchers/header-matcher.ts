/** config.route.v3.HeaderMatcher and QueryParameterMatcher, compiled. */
import type {
  HeaderMatcher,
  QueryParameterMatcher,
} from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { HeaderMap } from "@legate/filter-sdk";
import type { HonouredFields } from "../../extension.ts";
import {
  compileRegexMatcher,
  compileStringMatcher,
  type MatcherContext,
} from "./string-matcher.ts";

export const headerMatcherHonours: HonouredFields = {
  "envoy.config.route.v3.HeaderMatcher": [
    "name",
    "exact_match",
    "safe_regex_match",
    "range_match",
    "present_match",
    "prefix_match",
    "suffix_match",
    "contains_match",
    "string_match",
    "invert_match",
    "treat_missing_header_as_empty",
  ],
  "envoy.config.route.v3.QueryParameterMatcher": ["name", "string_match", "present_match"],
  "envoy.type.v3.Int64Range": ["start", "end"],
};

export type MatchHeaders = (headers: HeaderMap) => boolean;

/** Lines of a repeated header are matched one by one: any may match, or with invert none may. */
export function compileHeaderMatcher(
  matcher: HeaderMatcher,
  context: MatcherContext,
): MatchHeaders {
  const name = matcher.name.toLowerCase();
  const { headerMatchSpecifier: specifier, invertMatch, treatMissingHeaderAsEmpty } = matcher;
  if (specifier.case === undefined || specifier.case === "presentMatch") {
    const wanted = specifier.case === "presentMatch" ? specifier.value : true;
    return (headers) =>
      ((headers.has(name) || treatMissingHeaderAsEmpty) === wanted) !== invertMatch;
  }
  const matches = compileValue(specifier, context);
  return (headers) => {
    const values = headers.getAll(name);
    if (values.length === 0) return treatMissingHeaderAsEmpty && matches("") !== invertMatch;
    return values.some(matches) !== invertMatch;
  };
}

function compileValue(
  specifier: HeaderMatcher["headerMatchSpecifier"],
  context: MatcherContext,
): (value: string) => boolean {
  switch (specifier.case) {
    case "exactMatch": {
      const wanted = specifier.value;
      return (value) => value === wanted;
    }
    case "prefixMatch": {
      const wanted = specifier.value;
      return (value) => value.startsWith(wanted);
    }
    case "suffixMatch": {
      const wanted = specifier.value;
      return (value) => value.endsWith(wanted);
    }
    case "containsMatch": {
      const wanted = specifier.value;
      return (value) => value.includes(wanted);
    }
    case "safeRegexMatch": {
      const regex = compileRegexMatcher(specifier.value, context);
      return (value) => regex.matchesAll(value);
    }
    case "rangeMatch": {
      const { start, end } = specifier.value;
      return (value) => /^-?\d{1,19}$/.test(value) && BigInt(value) >= start && BigInt(value) < end;
    }
    case "stringMatch":
      return compileStringMatcher(specifier.value, context);
    default:
      return () => true;
  }
}

/** Matches the first value of a parameter; `null` stands for a parameter that is not there. */
export function compileQueryMatcher(
  matcher: QueryParameterMatcher,
  context: MatcherContext,
): (query: URLSearchParams) => boolean {
  const { name, queryParameterMatchSpecifier: specifier } = matcher;
  if (specifier.case === "stringMatch") {
    const matches = compileStringMatcher(specifier.value, context);
    return (query) => {
      const value = query.get(name);
      return value !== null && matches(value);
    };
  }
  const wanted = specifier.case === "presentMatch" ? specifier.value : true;
  return (query) => query.has(name) === wanted;
}
