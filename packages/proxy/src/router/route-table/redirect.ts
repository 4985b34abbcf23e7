/** RedirectAction and require_tls: the location of a redirect. */
import type {
  RedirectAction,
  VirtualHost,
} from "@legate/envoy-api/envoy/config/route/v3/route_components_pb.js";
import type { ConfigContext } from "../../extension.ts";
import type { HeaderMap } from "../../http/header-map.ts";
import { compileRegexMatcher } from "../../http/matchers/string-matcher.ts";
import { CompiledRoute, type RouteLevels } from "./compiled-route.ts";
import type { DirectResponse, Route } from "./contracts.ts";

const CODES: readonly number[] = [301, 302, 303, 307, 308];

/** `matchedLength`: what prefix_rewrite replaces, -1 for the whole path. */
export function compileRedirect(
  action: RedirectAction,
  matchedLength: number,
  context: ConfigContext,
): DirectResponse {
  const { pathRewriteSpecifier: rewrite, schemeRewriteSpecifier: scheme } = action;
  const newScheme =
    scheme.case === "httpsRedirect" ? (scheme.value ? "https" : "") : (scheme.value ?? "");
  const regex =
    rewrite.case === "regexRewrite" && rewrite.value.pattern !== undefined
      ? compileRegexMatcher(rewrite.value.pattern, context)
      : null;
  const newPath = (path: string): string => {
    const query = path.indexOf("?");
    const plain = query < 0 ? path : path.slice(0, query);
    const rest = query < 0 || action.stripQuery ? "" : path.slice(query);
    switch (rewrite.case) {
      case "pathRedirect":
        return rewrite.value.includes("?") ? rewrite.value : rewrite.value + rest;
      case "prefixRewrite":
        return rewrite.value + (matchedLength < 0 ? "" : plain.slice(matchedLength)) + rest;
      case "regexRewrite":
        return (regex?.replace(plain, rewrite.value.substitution) ?? plain) + rest;
      default:
        return plain + rest;
    }
  };
  return {
    code: CODES[action.responseCode] ?? 301,
    isRedirect: true,
    body: () => "",
    headers: (headers) => ["location", location(headers, newScheme, action, newPath)],
  };
}

function location(
  headers: HeaderMap,
  newScheme: string,
  action: RedirectAction,
  newPath: (path: string) => string,
): string {
  const oldScheme = headers.get(":scheme") ?? "http";
  const scheme = newScheme === "" ? oldScheme : newScheme;
  let host = headers.get(":authority") ?? "";
  let port = "";
  const colon = host.lastIndexOf(":");
  if (colon > 0 && host.indexOf("]", colon) < 0) {
    port = host.slice(colon);
    host = host.slice(0, colon);
  }
  if (action.portRedirect !== 0) port = `:${action.portRedirect}`;
  else if (action.hostRedirect !== "") port = "";
  else if (scheme !== oldScheme && port === (oldScheme === "http" ? ":80" : ":443")) port = "";
  if (action.hostRedirect !== "") host = action.hostRedirect;
  return `${scheme}://${host}${port}${newPath(headers.get(":path") ?? "/")}`;
}

/** A virtual host that requires TLS redirects every plain request. */
export function redirectToTls(host: VirtualHost, levels: RouteLevels): Route {
  const response: DirectResponse = {
    code: 301,
    isRedirect: true,
    body: () => "",
    headers: (headers) => [
      "location",
      `https://${headers.get(":authority") ?? ""}${headers.get(":path") ?? ""}`,
    ],
  };
  return CompiledRoute.direct(host.name, response, levels);
}
