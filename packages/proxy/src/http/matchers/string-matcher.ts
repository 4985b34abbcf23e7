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

/** Envoy's runtime key re2.max_program_size.error_level. */
const MAX_PROGRAM_SIZE = 100;

export type MatchString = (text: string) => boolean;

export function compileRegexMatcher(matcher: RegexMatcher, context: MatcherContext): Regex {
  let compiled: Regex;
  try {
    compiled = compileRegex(matcher.regex);
  } catch (error) {
    if (error instanceof RegexError) return context.fail(matcher, "regex", error.message);
    throw error;
  }
  const { engineType } = matcher;
  const given = engineType.case === "googleRe2" ? engineType.value.maxProgramSize : undefined;
  const limit = given ?? MAX_PROGRAM_SIZE;
  // Envoy differs: it counts RE2's own instructions, which are more; close to the limit it refuses and Legate doesn't.
  if (compiled.programSize - 2 > limit)
    context.fail(
      matcher,
      "regex",
      `RE2 program size of at least ${compiled.programSize - 2} > max program size of ${limit}. Increase google_re2.max_program_size if necessary.`,
    );
  return compiled;
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
