/** Operators whose value can't exist here, and those that are refused because it would be wrong. */
import { type Command, TextOperator } from "./operator.ts";

const TLS_PARTIES = ["SUBJECT", "URI_SAN", "DNS_SAN", "IP_SAN", "EMAIL_SAN", "OTHERNAME_SAN"];
const PEER_ONLY = [
  "ISSUER",
  "SERIAL",
  "FINGERPRINT_256",
  "FINGERPRINT_1",
  "CERT",
  "CERT_V_START",
  "CERT_V_END",
  "CHAIN_SERIALS",
  "CHAIN_FINGERPRINTS_256",
  "CHAIN_FINGERPRINTS_1",
  "ISSUER_FINGERPRINT_256",
  "ISSUER_SERIAL",
];

/** On a plaintext connection, without a tracer, custom flags or virtual clusters, Envoy prints these as unset too. */
const UNSET = [
  ...["VERSION", "CIPHER", "GROUP", "SESSION_ID"].flatMap((x) => [
    `DOWNSTREAM_TLS_${x}`,
    `UPSTREAM_TLS_${x}`,
  ]),
  ...TLS_PARTIES.flatMap((x) => [`DOWNSTREAM_LOCAL_${x}`, `DOWNSTREAM_PEER_${x}`]),
  ...PEER_ONLY.map((x) => `DOWNSTREAM_PEER_${x}`),
  ...[
    "SUBJECT",
    "ISSUER",
    "CERT",
    "CERT_V_START",
    "CERT_V_END",
    "URI_SAN",
    "DNS_SAN",
    "IP_SAN",
  ].map((x) => `UPSTREAM_PEER_${x}`),
  ...["URI_SAN", "DNS_SAN", "IP_SAN"].map((x) => `UPSTREAM_LOCAL_${x}`),
  "TLS_JA3_FINGERPRINT",
  "TLS_JA4_FINGERPRINT",
  "DOWNSTREAM_TRANSPORT_FAILURE_REASON",
  "DOWNSTREAM_HANDSHAKE_DURATION",
  "UPSTREAM_SERVER_NAME",
  "TRACE_ID",
  "SPAN_ID",
  "CUSTOM_FLAGS",
  "VIRTUAL_CLUSTER_NAME",
  "ROUNDTRIP_DURATION",
  "DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID",
  "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID",
  "UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID",
];

/** Envoy has a value for these; Legate doesn't record it, so says so instead of logging `-`. */
const REFUSED = [
  "CEL",
  "TYPED_CEL",
  "COALESCE",
  "CLUSTER_METADATA",
  "UPSTREAM_METADATA",
  "UPSTREAM_FILTER_STATE",
  "BYTES_RETRANSMITTED",
  "PACKETS_RETRANSMITTED",
  "UPSTREAM_CONNECTION_POOL_READY_DURATION",
  "UPSTREAM_HOSTS_ATTEMPTED",
  "UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT",
  "UPSTREAM_HOST_NAMES_ATTEMPTED",
  "UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT",
  "UPSTREAM_CONNECTION_IDS_ATTEMPTED",
  "UPSTREAM_DETECTED_CLOSE_TYPE",
  "UPSTREAM_LOCAL_CLOSE_REASON",
  "DOWNSTREAM_LOCAL_CLOSE_REASON",
  "DOWNSTREAM_DETECTED_CLOSE_TYPE",
  ...["UPSTREAM", "DOWNSTREAM"].flatMap((side) =>
    ["WIRE", "HEADER", "DECOMPRESSED_HEADER"].flatMap((kind) =>
      ["SENT", "RECEIVED"].map((way) => `${side}_${kind}_BYTES_${way}`),
    ),
  ),
];

const unset: Command = {
  parameters: "optional",
  length: false,
  build: () => new TextOperator(() => null),
};

function refused(name: string): Command {
  return {
    parameters: "optional",
    length: true,
    build() {
      throw new Error(`%${name}% is not supported by Legate`);
    },
  };
}

export const absentCommands: Readonly<Record<string, Command>> = {
  ...Object.fromEntries(UNSET.map((name) => [name, unset])),
  ...Object.fromEntries(REFUSED.map((name) => [name, refused(name)])),
};
