/** RouteMatch → a predicate over headers, compiled. */
import type { RouteMatch } from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { ConfigContext } from "../../extension.ts";
import { fraction } from "../../http/fraction.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import { compileHeaderMatcher, compileQueryMatcher } from "../../http/matchers/header-matcher.ts";
import { compileRegexMatcher } from "../../http/matchers/string-matcher.ts";

/** `path`: the whole `:path`; `plain`: without query. `random`: 0 ≤ random < 2^32. */
export type MatchRoute = (
  headers: HeaderMap,
  path: string,
  plain: string,
  random: number,
) => boolean;

/** How much of the path matched: what prefix_rewrite replaces. -1: all of it. */
export type MatchedLength = number;

type MatchPath = (path: string, plain: string) => boolean;

export function compileMatch(match: RouteMatch, context: ConfigContext): MatchRoute {
  const path = compilePath(match, context);
  const headers = match.headers.map((matcher) => compileHeaderMatcher(matcher, context));
  const queries = match.queryParameters.map((matcher) => compileQueryMatcher(matcher, context));
  const isGrpc = match.grpc !== undefined;
  const share = fraction(match.runtimeFraction?.defaultValue, 1);
  if (headers.length === 0 && queries.length === 0 && !isGrpc && share >= 1)
    return (_headers, whole, plain) => path(whole, plain);
  return (map, whole, plain, random) => {
    if (!path(whole, plain)) return false;
    if (share < 1 && random / 0x1_0000_0000 >= share) return false;
    if (isGrpc && !/^application\/grpc($|\+|;)/.test(map.get("content-type") ?? "")) return false;
    if (!headers.every((matches) => matches(map))) return false;
    if (queries.length === 0) return true;
    const query = new URLSearchParams(
      whole.length > plain.length ? whole.slice(plain.length + 1) : "",
    );
    return queries.every((matches) => matches(query));
  };
}

function compilePath(match: RouteMatch, context: ConfigContext): MatchPath {
  const { pathSpecifier: specifier } = match;
  const ignoresCase = match.caseSensitive === false;
  const fold = (text: string) => (ignoresCase ? text.toLowerCase() : text);
  switch (specifier.case) {
    case "prefix": {
      const wanted = fold(specifier.value);
      if (wanted === "/") return (_path, plain) => plain.charCodeAt(0) === 0x2f;
      return (_path, plain) => fold(plain).startsWith(wanted);
    }
    case "path": {
      const wanted = fold(specifier.value);
      return (_path, plain) => fold(plain) === wanted;
    }
    case "pathSeparatedPrefix": {
      const wanted = fold(specifier.value);
      return (_path, plain) => {
        const folded = fold(plain);
        return (
          folded.startsWith(wanted) &&
          (folded.length === wanted.length || folded[wanted.length] === "/")
        );
      };
    }
    case "safeRegex": {
      const regex = compileRegexMatcher(specifier.value, context);
      return (_path, plain) => regex.matchesAll(plain);
    }
    default:
      return context.fail(
        match,
        "path_specifier",
        `${specifier.case ?? "it"} is not supported by Legate`,
      );
  }
}

/** The length of the prefix that prefix_rewrite replaces; -1 for the whole path. */
export function rewrittenLength(match: RouteMatch): MatchedLength {
  const { pathSpecifier: specifier } = match;
  if (specifier.case === "prefix" || specifier.case === "pathSeparatedPrefix")
    return specifier.value.length;
  return -1;
}
