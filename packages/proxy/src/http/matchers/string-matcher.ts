/** type.matcher.v3.StringMatcher, compiled. */
import type { RegexMatcher } from "@legate/envoy-api/envoy/type/matcher/v3/regex_pb.js";
import type { StringMatcher } from "@legate/envoy-api/envoy/type/matcher/v3/string_pb.js";
import type { HonouredFields } from "../../extension.ts";
import { compileRegex, type Regex, RegexError } from "./regex.ts";

/** The part of ConfigContext that matchers need. */
export interface MatcherContext {
  fail(message: object, field: string, text: string): never;
}

export const stringMatcherHonours: HonouredFields = {
  "envoy.type.matcher.v3.StringMatcher": [
    "exact",
    "prefix",
    "suffix",
    "safe_regex",
    "contains",
    "ignore_case",
  ],
  "envoy.type.matcher.v3.RegexMatcher": ["regex", "google_re2"],
  "envoy.type.matcher.v3.RegexMatcher.GoogleRE2": ["max_program_size"],
};

export type MatchString = (text: string) => boolean;

export function compileRegexMatcher(matcher: RegexMatcher, context: MatcherContext): Regex {
  try {
    return compileRegex(matcher.regex);
  } catch (error) {
    if (error instanceof RegexError) return context.fail(matcher, "regex", error.message);
    throw error;
  }
}

export function compileStringMatcher(matcher: StringMatcher, context: MatcherContext): MatchString {
  const { ignoreCase, matchPattern } = matcher;
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const on = (match: (text: string) => boolean): MatchString =>
    ignoreCase ? (text) => match(text.toLowerCase()) : match;
  switch (matchPattern.case) {
    case "exact": {
      const wanted = fold(matchPattern.value);
      return on((text) => text === wanted);
    }
    case "prefix": {
      const wanted = fold(matchPattern.value);
      return on((text) => text.startsWith(wanted));
    }
    case "suffix": {
      const wanted = fold(matchPattern.value);
      return on((text) => text.endsWith(wanted));
    }
    case "contains": {
      const wanted = fold(matchPattern.value);
      return on((text) => text.includes(wanted));
    }
    case "safeRegex": {
      const regex = compileRegexMatcher(matchPattern.value, context);
      return (text) => regex.matchesAll(text);
    }
    default:
      return context.fail(matcher, "match_pattern", "custom matchers are not supported by Legate");
  }
}
