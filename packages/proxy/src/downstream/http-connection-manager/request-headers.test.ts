import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import { HeaderMap } from "../../http/header-map.ts";
import { Address } from "../../network/address.ts";
import { mutateRequestHeaders, type RequestHeaderOptions } from "./request-headers.ts";
import { findSpecialHeaders } from "./special-headers.ts";

const DEFAULTS: RequestHeaderOptions = {
  usesRemoteAddress: false,
  xffNumTrustedHops: 0,
  skipsXffAppend: false,
  internalRanges: null,
  via: "",
  addsUserAgent: false,
  serviceCluster: "",
  serviceNode: "",
  generatesRequestId: true,
  preservesExternalRequestId: false,
  appendsXForwardedPort: false,
  schemeToOverwrite: "",
  internalOnlyHeaders: [],
};
const peer = new Address("10.1.2.3", 1234);
const local = new Address("10.0.0.1", 80);

function mutate(pairs: string[], options: Partial<RequestHeaderOptions> = {}) {
  const headers = new HeaderMap();
  headers.replaceAll([":authority", "h", ":path", "/", ":method", "GET", ...pairs]);
  const origin = { address: peer, isInternal: false };
  const all = { ...DEFAULTS, ...options };
  mutateRequestHeaders(headers, findSpecialHeaders(headers), false, all, peer, local, origin);
  return { headers, origin };
}

test("a plain request gets scheme, x-forwarded-proto and x-request-id", () => {
  const { headers } = mutate(["accept", "*/*"]);
  assert.deepEqual(headers.names, [
    ":authority",
    ":path",
    ":method",
    ":scheme",
    "accept",
    "x-forwarded-proto",
    "x-request-id",
  ]);
  assert.match(headers.get("x-request-id")!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
});

test("removes connection and what it names", () => {
  const { headers } = mutate([
    "connection",
    "keep-alive, x-nom",
    "x-nom",
    "1",
    "keep-alive",
    "5",
    "te",
    "gzip",
  ]);
  for (const name of ["connection", "x-nom", "keep-alive", "te"])
    assert.equal(headers.has(name), false, name);
});

test("at the edge the peer is appended, internal headers go, the request id is new", () => {
  const { headers, origin } = mutate(
    [
      "x-forwarded-for",
      "1.1.1.1",
      "x-envoy-retry-on",
      "5xx",
      "x-request-id",
      "mine",
      "x-envoy-foo",
      "kept",
    ],
    { usesRemoteAddress: true },
  );
  assert.equal(headers.get("x-forwarded-for"), "1.1.1.1,10.1.2.3");
  assert.equal(headers.get("x-envoy-external-address"), "10.1.2.3");
  assert.equal(headers.has("x-envoy-retry-on"), false);
  assert.notEqual(headers.get("x-request-id"), "mine");
  assert.equal(headers.get("x-envoy-foo"), "kept");
  assert.equal(origin.isInternal, false);
});

test("an internal peer keeps its x-envoy headers", () => {
  const internalRanges = new BlockList();
  internalRanges.addSubnet("10.0.0.0", 8, "ipv4");
  const { headers, origin } = mutate(["x-envoy-retry-on", "5xx"], {
    usesRemoteAddress: true,
    internalRanges,
  });
  assert.equal(origin.isInternal, true);
  assert.equal(headers.get("x-envoy-internal"), "true");
  assert.equal(headers.get("x-envoy-retry-on"), "5xx");
});

test("without use_remote_address the last x-forwarded-for entry is the client", () => {
  const { origin } = mutate(["x-forwarded-for", "1.1.1.1, 2.2.2.2"]);
  assert.equal(origin.address.ip, "2.2.2.2");
});
