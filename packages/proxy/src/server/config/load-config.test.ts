import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Message, toBinary, toJson } from "@bufbuild/protobuf";
import { messageType, registry, unpackAny } from "@legate/envoy-api";
import type { Router } from "@legate/envoy-api/envoy/extensions/filters/http/router/v3/router_pb.js";
import { extensionTypes, honoured } from "../../extensions.ts";
import { type LoadedConfig, loadConfig } from "./load-config.ts";
import { formatProblem } from "./problems.ts";

const folder = mkdtempSync(join(tmpdir(), "load-config-"));
after(() => rmSync(folder, { recursive: true }));
const OPTIONS = { honoured, extensionTypes, allowUnsupported: false, allowUnknown: false };

function load(yaml: string, options = OPTIONS): LoadedConfig {
  return loadConfig({ path: null, yaml }, options);
}

function loadFile(
  name: string,
  text: string | Uint8Array,
  yaml: string | null = null,
): LoadedConfig {
  const path = join(folder, name);
  writeFileSync(path, text);
  return loadConfig({ path, yaml }, OPTIONS);
}

function lines({ problems }: LoadedConfig): string[] {
  return problems.map((problem) => formatProblem(problem).replace(`${folder}/`, ""));
}

function json(message: Message): unknown {
  return toJson(messageType(message.$typeName), message, {
    registry: registry(),
    useProtoFieldName: true,
  });
}

describe("reading", () => {
  it("reports every problem of a file, in the order of its lines", () => {
    const loaded = loadFile(
      "many.yaml",
      "nod: {}\nstatic_resources:\n  clusters:\n  - name: 5\n    connect_timeout: 5\n    lb_policy: BEST\n",
    );
    assert.deepEqual(lines(loaded), [
      "many.yaml:1:1: nod: Bootstrap has no field 'nod' (did you mean 'node'?)",
      "many.yaml:4:11: static_resources.clusters[0].name: expected a string (put it in quotes), found number 5",
      'many.yaml:5:22: static_resources.clusters[0].connect_timeout: expected a duration such as "1.5s", found number 5 (did you mean "5s"?)',
      "many.yaml:6:16: static_resources.clusters[0].lb_policy: unknown enum value: 'BEST'; one of ROUND_ROBIN, LEAST_REQUEST, RING_HASH, RANDOM, MAGLEV, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG",
    ]);
  });

  it("reads JSON where the name isn't one of YAML's, and UTF-16 by its mark", () => {
    assert.deepEqual(lines(loadFile("a.json", '{"node": {"id": "a"}}')), []);
    assert.match(lines(loadFile("a.conf", "node: { id: a }"))[0]!, /^a\.conf:1:1: expected JSON/);
    assert.match(lines(loadFile("b.json", '{"node": {"id": a}}'))[0]!, /text stands in quotes/);
    const utf16 = Buffer.from("\ufeffnode: { id: ä }", "utf16le");
    const loaded = loadFile("utf16.yaml", utf16);
    assert.deepEqual(lines(loaded), []);
    assert.equal(loaded.bootstrap.node?.id, "ä");
  });

  it("says what keeps a file from being read", () => {
    const missing = loadConfig({ path: join(folder, "none.yaml"), yaml: null }, OPTIONS);
    assert.deepEqual(lines(missing), ["none.yaml: can't be read: there is no such file"]);
    assert.match(lines(loadFile("a.pb", ""))[0]!, /give YAML or JSON$/);
    assert.match(
      lines(loadFile("empty.yaml", ""))[0]!,
      /^empty\.yaml:1:1: the configuration is empty/,
    );
  });
});

describe("merging --config-yaml over the file", () => {
  const merged = (file: string, yaml: string) => {
    const loaded = loadFile("base.yaml", file, yaml);
    assert.deepEqual(lines(loaded), []);
    return json(loaded.bootstrap);
  };

  it("replaces scalars, merges messages, appends lists", () => {
    assert.deepEqual(
      merged(
        "node: { id: a, cluster: c, locality: { region: r } }\nstatic_resources: { clusters: [{ name: one }] }",
        "node: { id: b, locality: { zone: z } }\nstatic_resources: { clusters: [{ name: two }] }",
      ),
      {
        node: { id: "b", cluster: "c", locality: { region: "r", zone: "z" } },
        static_resources: { clusters: [{ name: "one" }, { name: "two" }] },
      },
    );
  });

  it("merges inside of a oneof of the same case", () => {
    assert.deepEqual(
      merged(
        "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } }",
        "admin: { address: { socket_address: { address: 127.0.0.2, port_value: 2 } } }",
      ),
      { admin: { address: { socket_address: { address: "127.0.0.2", port_value: 2 } } } },
    );
  });

  it("names the text in problems", () => {
    const loaded = loadFile("base.yaml", "node: { id: a }", "nde: {}");
    assert.match(lines(loaded)[0]!, /^<config-yaml>:1:1: nde: Bootstrap has no field/);
  });
});

describe("YAML", () => {
  it("follows anchors", () => {
    const loaded = load(
      "node: { metadata: { a: &x { b: 1 }, c: *x } }\nstatic_resources: { clusters: [{ name: &n one }, { name: two, alt_stat_name: *n }] }",
    );
    assert.deepEqual(lines(loaded), []);
    assert.deepEqual(json(loaded.bootstrap), {
      node: { metadata: { a: { b: 1 }, c: { b: 1 } } },
      static_resources: { clusters: [{ name: "one" }, { name: "two", alt_stat_name: "one" }] },
    });
  });

  it("refuses merge keys, unknown anchors, cycles and bombs", () => {
    assert.match(lines(load("node: { <<: { id: a } }"))[0]!, /Envoy knows no merge keys/);
    assert.match(lines(load("node: *x"))[0]!, /the referenced anchor is not defined: x/);
    assert.match(lines(load("node: { metadata: &m { a: *m } }"))[0]!, /more than 100 levels deep/);
    const bomb = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"];
    for (let i = 1; i < 9; i++)
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(",")}]`,
      );
    const started = performance.now();
    const found = lines(load(`node: { metadata: { ${bomb.join(", ")} } }`));
    assert.match(found[0]!, /too many aliases/);
    assert.equal(found.length, 1);
    assert.ok(performance.now() - started < 10_000);
  });

  it("takes the last of two equal keys, the first of two documents, and warns", () => {
    const loaded = load("node: { id: a, id: b }\n---\nnode: { id: c }");
    assert.equal(loaded.bootstrap.node?.id, "b");
    assert.deepEqual(
      loaded.problems.map(({ severity, message }) => `${severity}: ${message}`),
      [
        "warning: this key is given twice in its mapping: the last one counts",
        "warning: only the first document of the file is read",
      ],
    );
  });

  it("takes one value for a list, lists in lists, null for an empty message", () => {
    const loaded = load(
      "static_resources: { clusters: { name: a, circuit_breakers: { thresholds: [[{ max_retries: 1 }], ~] } } }",
    );
    assert.deepEqual(lines(loaded), []);
    assert.deepEqual(json(loaded.bootstrap), {
      static_resources: {
        clusters: [{ name: "a", circuit_breakers: { thresholds: [{ max_retries: 1 }, {}] } }],
      },
    });
  });

  it("takes wrappers and durations spelled out", () => {
    const loaded = load(
      "static_resources: { clusters: [{ name: a, connect_timeout: { seconds: 5 }, per_connection_buffer_limit_bytes: { value: 7 } }] }",
    );
    assert.deepEqual(lines(loaded), []);
    const cluster = loaded.bootstrap.staticResources?.clusters[0];
    assert.equal(cluster?.connectTimeout?.seconds, 5n);
    assert.equal(cluster?.perConnectionBufferLimitBytes, 7);
  });
});

const HCM = (filter: string) => `
static_resources:
  listeners:
  - name: l
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: s
          route_config: {}
          http_filters: [{ name: r, typed_config: { ${filter} } }]
`;

describe("Any", () => {
  const inner = (loaded: LoadedConfig): Router => {
    assert.deepEqual(lines(loaded), []);
    const filter = loaded.bootstrap.staticResources!.listeners[0]!.filterChains[0]!.filters[0]!;
    const hcm = unpackAny(filter.configType.value as never) as never as {
      httpFilters: { configType: { value: never } }[];
    };
    return unpackAny(hcm.httpFilters[0]!.configType.value) as Router;
  };
  const ROUTER = "envoy.extensions.filters.http.router.v3.Router";

  it("is packed with its type", () => {
    const loaded = load(
      HCM(`"@type": type.googleapis.com/${ROUTER}, suppress_envoy_headers: true`),
    );
    assert.equal(inner(loaded).suppressEnvoyHeaders, true);
  });

  it("takes the message that a TypedStruct stands for", () => {
    const loaded = load(
      HCM(
        `"@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: type.googleapis.com/${ROUTER}, value: { suppress_envoy_headers: true }`,
      ),
    );
    assert.equal(inner(loaded).suppressEnvoyHeaders, true);
  });

  it("tells misspelt fields inside of a TypedStruct", () => {
    const loaded = load(
      HCM(
        `"@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: type.googleapis.com/${ROUTER}, value: { supress_envoy_headers: true }`,
      ),
    );
    assert.match(
      lines(loaded)[0]!,
      /typed_config\.value\.supress_envoy_headers: Router has no field .*\(did you mean/,
    );
  });
});

describe("well-known types in Any", () => {
  const PLUGIN = (configuration: string) => `
static_resources:
  listeners:
  - name: l
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: s
          route_config: {}
          http_filters:
          - name: w
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
              config: { configuration: { "@type": type.googleapis.com/google.protobuf.StringValue${configuration} } }
`;

  it("stand under value, or are empty", () => {
    for (const good of [", value: x", ', value: ""', "", ", value: ~", ", value: { value: x }"])
      assert.deepEqual(lines(load(PLUGIN(good))), [], good);
    assert.match(
      lines(load(PLUGIN(", value: [x]")))[0]!,
      /value: expected a StringValue, found a list/,
    );
    assert.match(
      lines(load(PLUGIN(", valu: x")))[0]!,
      /StringValue has only '@type' and 'value' here/,
    );
  });
});

describe("unsupported fields", () => {
  const YAML =
    "static_resources: { clusters: [{ name: a, track_cluster_stats: { timeout_budgets: true } }] }";

  it("are errors, named once", () => {
    assert.deepEqual(lines(load(YAML)), [
      "<config-yaml>:1:43: static_resources.clusters[0].track_cluster_stats: 'track_cluster_stats' is not supported by Legate",
    ]);
  });

  it("are warnings where allowed, and read", () => {
    const loaded = load(YAML, { ...OPTIONS, allowUnsupported: true });
    assert.deepEqual(
      loaded.problems.map(({ severity }) => severity),
      ["warning"],
    );
    assert.equal(
      loaded.bootstrap.staticResources?.clusters[0]?.trackClusterStats?.timeoutBudgets,
      true,
    );
  });
});

describe("unknown fields", () => {
  it("are warnings where allowed", () => {
    const loaded = load("node: { id: a, idd: b }", { ...OPTIONS, allowUnknown: true });
    assert.deepEqual(
      loaded.problems.map(({ severity, place }) => `${severity} ${place.path}`),
      ["warning node.idd"],
    );
    assert.equal(loaded.bootstrap.node?.id, "a");
  });
});

describe("secrets", () => {
  it("aren't told in problems", () => {
    const type = "envoy.extensions.transport_sockets.tls.v3.TlsCertificate";
    const loaded = load(
      `node: { metadata: {} }\nstatic_resources: { clusters: [{ name: a, transport_socket: { name: t, typed_config: { "@type": type.googleapis.com/${type}, password: { inline_bytes: "hunter2!" }, private_key: [hunter2] } } }] }`,
      {
        honoured: {
          ...honoured,
          [type]: "*",
          "envoy.config.core.v3.TransportSocket": "*",
          "envoy.config.core.v3.DataSource": "*",
          "envoy.config.cluster.v3.Cluster": "*",
        },
        extensionTypes: new Set([...extensionTypes, type]),
        allowUnsupported: false,
        allowUnknown: false,
      },
    );
    assert.equal(lines(loaded).length, 2, lines(loaded).join("\n"));
    for (const line of lines(loaded)) assert.doesNotMatch(line, /hunter2/);
  });
});

it("gives a message that can be sent to workers", () => {
  const { bootstrap } = load("node: { id: a }");
  assert.ok(toBinary(messageType(bootstrap.$typeName), bootstrap).length > 0);
});
