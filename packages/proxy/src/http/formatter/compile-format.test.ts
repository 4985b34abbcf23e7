import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseFlag } from "@legate/filter-sdk";
import { Address } from "../../network/address.ts";
import { HeaderMap } from "../header-map.ts";
import { StreamInfo } from "../stream-info.ts";
import { compileFormat } from "./compile-format.ts";
import { compileJsonFormat } from "./compile-json-format.ts";
import { FormatError } from "./format-error.ts";

const local = new Address("127.0.0.1", 10000);
const remote = new Address("10.1.2.3", 5555);

function makeInfo(): StreamInfo {
  const info = new StreamInfo(7, Date.UTC(2026, 10, 24, 0, 56, 45, 486), 0, local, remote);
  info.protocol = "HTTP/1.1";
  info.responseCode = 503;
  info.responseFlags = ResponseFlag.UpstreamRetryLimitExceeded | ResponseFlag.UpstreamOverflow;
  info.requestHeaders = new HeaderMap();
  info.requestHeaders.replaceAll([
    ":method",
    "GET",
    ":path",
    "/a?x=1&y=%20",
    "user-agent",
    "curl/8",
  ]);
  info.setDynamicMetadata("ns", { text: "t", n: 3, deep: { x: [1] } });
  info.setFilterState("fs", "v");
  return info;
}

const PRINTED: readonly [format: string, expected: string][] = [
  ["plain 100%%", "plain 100%"],
  ["%START_TIME%", "2026-11-24T00:56:45.486Z"],
  ["%START_TIME(%Y/%m/%dT%H:%M:%S.%4f %s)%", "2026/11/24T00:56:45.4860 1795481805"],
  ["%START_TIME(%a %b %e %T %z %j)%", "Tue Nov 24 00:56:45 +0000 328"],
  ["%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", "GET /a?x=1&y=%20"],
  ["%REQUEST_HEADER(USER-AGENT):4%|%REQ(NONE)%|%RESP(X)%|%TRAILER(Y)%", "curl|-|-|-"],
  ["%PATH(NQ)% %QUERY_PARAM(x)% %QUERY_PARAMS(DECODED)%", "/a 1 x=1&y= "],
  ["%PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS%", "HTTP/1.1 503 UO,URX"],
  ["%RESPONSE_FLAGS_LONG%", "UpstreamOverflow,UpstreamRetryLimitExceeded"],
  [
    "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(16)%",
    "10.1.2.3:5555 10.1.0.0/16",
  ],
  ["%DOWNSTREAM_LOCAL_PORT% %UPSTREAM_HOST% %UPSTREAM_REMOTE_PORT%", "10000 - -"],
  [
    "%DYNAMIC_METADATA(ns:text)% %DYNAMIC_METADATA(ns:deep)% %METADATA(DYNAMIC:ns:n)%",
    't {"x":[1]} 3',
  ],
  ["%FILTER_STATE(fs)% %FILTER_STATE(fs:PLAIN)% %FILTER_STATE(no)%", '"v" v -'],
  ["%DOWNSTREAM_TLS_VERSION% %BYTES_SENT% %GRPC_STATUS%", "- 0 -"],
  ["%COMMON_DURATION(DS_RX_BEG:US_TX_BEG)% %REQUEST_DURATION%", "- -"],
  ["é", "\u00c3\u00a9"],
];

// Texts observed with `envoy --mode validate`.
const REFUSED: readonly [format: string, message: string, position: number][] = [
  ["%NOPE%", "Not supported field in StreamInfo: NOPE", 0],
  ["abc%", "Incorrect configuration: abc%. Couldn't find valid command at position 3", 3],
  [
    "%DURATION%%",
    "Incorrect configuration: %DURATION%%. Couldn't find valid command at position 10",
    10,
  ],
  [
    "%REQ(A):x%",
    "Incorrect configuration: %REQ(A):x%. Couldn't find valid command at position 0",
    0,
  ],
  ["a %REQ()%", "REQ requires parameters", 2],
  ["%REQ(a?b?c)%", "More than 1 alternative header specified in token: a?b?c", 0],
  ["%REQ(a b)%", "Invalid header configuration. Format string contains invalid characters.", 0],
  ["%PROTOCOL:3%", "PROTOCOL does not take any parameters or length", 0],
  ["%COMMON_DURATION(a:b:c)%", "Invalid common duration precision: c.", 0],
  ["%COMMON_DURATION(DS_RX_BEG)%", "Invalid common duration configuration: DS_RX_BEG.", 0],
  ["%PATH(X)%", "Invalid PATH option: 'X', only 'WQ'/'NQ' are allowed", 0],
  ["%FILTER_STATE%", "Invalid filter state configuration, key cannot be empty.", 0],
  ["%METADATA(X:a)%", "X is not supported type of metadata", 0],
  ["%CEL(1)%", "%CEL% is not supported by Legate", 0],
];

describe("compileFormat", () => {
  for (const [format, expected] of PRINTED) {
    it(`prints ${format}`, () => {
      const info = makeInfo();
      assert.equal(compileFormat(format).format(info), expected);
      // A second time: what is cached must not change.
      assert.equal(compileFormat(format).format(info), expected);
    });
  }

  for (const [format, message, position] of REFUSED) {
    it(`refuses ${format} as Envoy does`, () => {
      assert.throws(
        () => compileFormat(format),
        (error) =>
          error instanceof FormatError && error.message === message && error.position === position,
      );
    });
  }

  it("prints nothing for unset values when empty ones are omitted", () => {
    assert.equal(compileFormat("[%RESP(X)%]", { omitEmpty: true }).format(makeInfo()), "[]");
  });

  it("floors DURATION to whole milliseconds since the start", () => {
    const now = performance.now();
    const info = new StreamInfo(1, 0, now - 12.9, local, remote);
    const duration = compileFormat("%DURATION%").formatValue(info) as number;
    assert.ok(duration >= 12 && duration < 1000 && Number.isInteger(duration), String(duration));
  });

  it("keeps the date right when the second changes", () => {
    const formatter = compileFormat("%START_TIME%|%START_TIME(%S.%3f)%");
    const at = (ms: number): string => formatter.format(new StreamInfo(1, ms, 0, local, remote));
    assert.equal(at(999), "1970-01-01T00:00:00.999Z|00.999");
    assert.equal(at(1000), "1970-01-01T00:00:01.000Z|01.000");
    assert.equal(at(1), "1970-01-01T00:00:00.001Z|00.001");
  });
});

describe("compileJsonFormat", () => {
  const struct = {
    z: "%RESPONSE_CODE%",
    a: "%REQ(NONE)%",
    nested: {
      list: ["%PROTOCOL%", 5, true, "code %RESPONSE_CODE%"],
      meta: "%DYNAMIC_METADATA(ns:deep)%",
    },
  };

  it("sorts keys, keeps types and prints null for unset values", () => {
    assert.equal(
      compileJsonFormat(struct).format(makeInfo()),
      '{"a":null,"nested":{"list":["HTTP/1.1",5,true,"code 503"],"meta":{"x":[1]}},"z":503}\n',
    );
  });

  it("leaves unset values out when empty ones are omitted", () => {
    const text = compileJsonFormat(struct, { omitEmpty: true }).format(makeInfo());
    assert.deepEqual(Object.keys(JSON.parse(text)), ["nested", "z"]);
  });
});
