import assert from "node:assert/strict";
import { it } from "node:test";
import { fromJson } from "@bufbuild/protobuf";
import { messageType, registry } from "@legate/envoy-api";
import { redactedJson } from "./redact.ts";

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";

function redacted(certificate: Record<string, unknown>): unknown {
  const type = messageType("envoy.config.core.v3.TransportSocket");
  const config = { "@type": TLS, common_tls_context: { tls_certificates: [certificate] } };
  const message = fromJson(type, { name: "tls", typed_config: config } as never, {
    registry: registry(),
  });
  const json = redactedJson(message) as never as {
    typed_config: { common_tls_context: { tls_certificates: unknown[] } };
  };
  return json.typed_config.common_tls_context.tls_certificates[0];
}

it("hides what sensitive fields hold, inside of Any too, as Envoy does", () => {
  assert.deepEqual(redacted({ private_key: { inline_string: "key" } }), {
    private_key: { inline_string: "[redacted]" },
  });
  assert.deepEqual(redacted({ private_key: { filename: "key.pem" } }), {
    private_key: { filename: "[redacted]" },
  });
  assert.deepEqual(redacted({ private_key: { inline_bytes: "a2V5" } }), {
    private_key: { inline_bytes: "W3JlZGFjdGVkXQ==" },
  });
});

it("shows everything else, with proto names", () => {
  const shown = { certificate_chain: { inline_string: "chain" }, password: { filename: "p" } };
  assert.deepEqual(redacted(shown), {
    certificate_chain: { inline_string: "chain" },
    password: { filename: "[redacted]" },
  });
});
