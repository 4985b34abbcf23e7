/** What the connection manager does to request headers before the filters see them, in Envoy's order. */
import { randomUUID } from "node:crypto";
import type { Address } from "@legate/filter-sdk";
import type { HeaderMap } from "../../http/header-map.ts";
import { type ForwardedOptions, findOrigin } from "./forwarded-address.ts";
import { EDGE_ONLY_NAMES, INTERNAL_ONLY_NAMES, Special } from "./special-headers.ts";

export interface RequestHeaderOptions extends ForwardedOptions {
  /** HttpConnectionManager.via; "" for none. */
  readonly via: string;
  readonly addsUserAgent: boolean;
  readonly serviceCluster: string;
  readonly serviceNode: string;
  readonly generatesRequestId: boolean;
  readonly preservesExternalRequestId: boolean;
  readonly appendsXForwardedPort: boolean;
  /** scheme_header_transformation.scheme_to_overwrite; "" for none. */
  readonly schemeToOverwrite: string;
  /** RouteConfiguration.internal_only_headers, lowercase. */
  readonly internalOnlyHeaders: readonly string[];
}

/** What became known of the sender. */
export interface RequestOrigin {
  address: Address;
  isInternal: boolean;
}

const VALID_SCHEME = /^https?$/i;

/**
 * Changes `headers` in place and sets `:scheme`. `bits` is what findSpecialHeaders found;
 * `isUpgrade`: keep connection and upgrade. `origin` is filled. Source: conn_manager_utility.cc,
 * mutateRequestHeaders; §3.3 of the behaviour notes.
 */
export function mutateRequestHeaders(
  headers: HeaderMap,
  bits: number,
  isUpgrade: boolean,
  options: RequestHeaderOptions,
  peer: Address,
  local: Address,
  origin: RequestOrigin,
): void {
  if (!isUpgrade) {
    if ((bits & Special.Connection) !== 0) removeConnection(headers);
    if ((bits & Special.Upgrade) !== 0) headers.remove("upgrade");
  }
  if ((bits & Special.Te) !== 0) reduceTe(headers);
  if ((bits & Special.XEnvoyInternal) !== 0) headers.remove("x-envoy-internal");
  if ((bits & Special.HopByHop) !== 0) {
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
    headers.remove("transfer-encoding");
  }
  if ((bits & Special.Referer) !== 0) checkReferer(headers);

  let isEdge = false;
  if (options.usesRemoteAddress || (bits & Special.XForwardedFor) !== 0) {
    const found = findOrigin(headers, options, peer, local);
    origin.address = found.address;
    origin.isInternal = found.isInternal;
    isEdge = found.isEdge;
  } else {
    origin.address = peer;
    origin.isInternal = false;
  }
  setForwardedProtoAndPort(headers, bits, options, local);
  const scheme = setScheme(headers, options);

  if (origin.isInternal) headers.set("x-envoy-internal", "true");
  else removeInternalHeaders(headers, bits, isEdge, options);
  if (options.addsUserAgent) addUserAgent(headers, bits, options);
  if (options.via !== "") {
    const via = headers.get("via");
    headers.set("via", via === undefined ? options.via : `${via}, ${options.via}`);
  }
  if (isEdge) headers.set("x-envoy-external-address", origin.address.ip);
  if ((bits & Special.XRequestId) === 0) {
    if (options.generatesRequestId) headers.append("x-request-id", randomUUID());
  } else if (options.generatesRequestId && isEdge && !options.preservesExternalRequestId) {
    headers.set("x-request-id", randomUUID());
  } else if (options.generatesRequestId && headers.get("x-request-id") === "") {
    headers.set("x-request-id", randomUUID());
  }
  if ((bits & Special.XForwardedClientCert) !== 0) headers.remove("x-forwarded-client-cert");
  insertScheme(headers, scheme);
}

/** Removes connection and the headers that it names. */
function removeConnection(headers: HeaderMap): void {
  for (const value of headers.getAll("connection")) {
    for (const token of value.split(",")) {
      const name = token.trim().toLowerCase();
      if (name === "" || name === "close" || name === "keep-alive" || name === "te") continue;
      if (name.startsWith(":") || name === "host" || name === "x-forwarded-for") continue;
      if (name === "x-forwarded-host" || name === "x-forwarded-proto") continue;
      headers.remove(name);
    }
  }
  headers.remove("connection");
}

/** te stays only as `trailers`. */
function reduceTe(headers: HeaderMap): void {
  const hasTrailers = headers
    .getAll("te")
    .some((value) =>
      value.split(",").some((token) => token.split(";")[0]!.trim().toLowerCase() === "trailers"),
    );
  if (hasTrailers) headers.set("te", "trailers");
  else headers.remove("te");
}

/** A referer that is repeated or no URL is dropped. */
function checkReferer(headers: HeaderMap): void {
  const values = headers.getAll("referer");
  if (values.length === 1 && isReferer(values[0]!)) return;
  headers.remove("referer");
}

function isReferer(value: string): boolean {
  if (value.startsWith("/")) return true;
  return URL.canParse(value);
}

function setForwardedProtoAndPort(
  headers: HeaderMap,
  bits: number,
  options: RequestHeaderOptions,
  local: Address,
): void {
  const overwrites = options.usesRemoteAddress && options.xffNumTrustedHops === 0;
  if ((bits & Special.XForwardedProto) === 0) headers.append("x-forwarded-proto", "http");
  else if (overwrites) headers.set("x-forwarded-proto", "http");
  if (!options.appendsXForwardedPort) return;
  if ((bits & Special.XForwardedPort) === 0 || overwrites)
    headers.set("x-forwarded-port", String(local.port));
}

function setScheme(headers: HeaderMap, options: RequestHeaderOptions): string {
  if (options.schemeToOverwrite !== "") {
    headers.set("x-forwarded-proto", options.schemeToOverwrite);
    return options.schemeToOverwrite;
  }
  const forwarded = headers.get("x-forwarded-proto");
  if (forwarded === "http" || forwarded === undefined) return "http";
  return VALID_SCHEME.test(forwarded) ? forwarded.toLowerCase() : "http";
}

/** Pseudo headers stand first: :authority :path :method :scheme. */
function insertScheme(headers: HeaderMap, scheme: string): void {
  const { names, values } = headers;
  let i = 0;
  while (i < names.length && names[i]!.charCodeAt(0) === 58) i++;
  names.splice(i, 0, ":scheme");
  values.splice(i, 0, scheme);
}

function removeInternalHeaders(
  headers: HeaderMap,
  bits: number,
  isEdge: boolean,
  options: RequestHeaderOptions,
): void {
  if ((bits & Special.InternalOnly) !== 0) {
    for (const name of INTERNAL_ONLY_NAMES) headers.remove(name);
  }
  if (isEdge && (bits & Special.EdgeOnly) !== 0) {
    for (const name of EDGE_ONLY_NAMES) headers.remove(name);
  }
  for (const name of options.internalOnlyHeaders) headers.remove(name);
}

function addUserAgent(headers: HeaderMap, bits: number, options: RequestHeaderOptions): void {
  headers.set("x-envoy-downstream-service-cluster", options.serviceCluster);
  if ((bits & Special.UserAgent) === 0) headers.append("user-agent", options.serviceCluster);
  if (options.serviceNode !== "")
    headers.set("x-envoy-downstream-service-node", options.serviceNode);
}
