import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { bootstrap, ProxyUnderTest, startOrigin } from "./harness.ts";

const CLOSE = "connection: close\r\n";

test("passes requests on and answers as Envoy does", async () => {
  const origin = await startOrigin((request, response) => {
    response.sendDate = false;
    response.writeHead(200, { "content-type": "text/plain" });
    response.end(`you sent ${request.method}`);
  });
  const proxy = await ProxyUnderTest.start(bootstrap(origin.port));
  try {
    const answer = await proxy.send(
      `POST /x?y=1 HTTP/1.1\r\nHost: a.com\r\nContent-Length: 5\r\n${CLOSE}\r\nhello`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain\r\n/);
    assert.match(
      answer,
      /x-envoy-upstream-service-time: \d+\r\ndate: .* GMT\r\nserver: envoy\r\nconnection: close\r\n/,
    );
    assert.match(answer, /you sent POST/);
    const [request] = origin.requests;
    assert.equal(request?.url, "/x?y=1");
    assert.equal(request?.body, "hello");
    const names = request?.headers.filter((_, i) => i % 2 === 0);
    assert.deepEqual(names, [
      "host",
      "content-length",
      "x-forwarded-proto",
      "x-request-id",
      "x-envoy-expected-rq-timeout-ms",
    ]);
    assert.match(
      await proxy.admin("/stats?filter=http.test.downstream_rq_2xx"),
      /http\.test\.downstream_rq_2xx: 1/,
    );
    assert.equal((await proxy.admin("/ready")).trim(), "LIVE");
  } finally {
    assert.equal(await proxy.stop(), 0);
    origin.close();
  }
});

test("refuses what could smuggle a request, and serves pipelined ones in order", async () => {
  const origin = await startOrigin((request, response) => response.end(request.url));
  const proxy = await ProxyUnderTest.start(bootstrap(origin.port));
  try {
    const both =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert.match(await proxy.send(both), /^HTTP\/1\.1 400 Bad Request/);
    assert.match(await proxy.send("GET / HTTP/1.1\r\n\r\n"), /^HTTP\/1\.1 400 Bad Request/);
    assert.match(
      await proxy.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n"),
      /^HTTP\/1\.1 426 Upgrade Required/,
    );
    const two = await proxy.send(
      `GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`,
    );
    assert.ok(two.indexOf("/1") > 0 && two.indexOf("/2") > two.indexOf("/1"));
    assert.equal(origin.requests.length, 2);
  } finally {
    await proxy.stop();
    origin.close();
  }
});

test("retries a failing upstream, then gives up with its answer", async () => {
  let count = 0;
  const origin = await startOrigin((_request, response) => {
    count++;
    response.writeHead(count < 3 ? 503 : 200);
    response.end(`attempt ${count}`);
  });
  const routes =
    '[{ match: { prefix: "/" }, route: { cluster: origin, retry_policy: { retry_on: 5xx, num_retries: 2 } } }]';
  const proxy = await ProxyUnderTest.start(bootstrap(origin.port, { routes }));
  try {
    assert.match(
      await proxy.send(`GET / HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`),
      /^HTTP\/1\.1 200 OK[\s\S]*attempt 3/,
    );
    count = -10;
    assert.match(await proxy.send(`GET / HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`), /^HTTP\/1\.1 503 /);
    assert.match(
      await proxy.admin("/stats?filter=upstream_rq_retry"),
      /upstream_rq_retry_limit_exceeded: 1/,
    );
  } finally {
    await proxy.stop();
    origin.close();
  }
});

test("answers by itself: no route, direct response, redirect, dead upstream", async () => {
  const routes = `[
    { match: { path: /direct }, direct_response: { status: 418, body: { inline_string: tea } } },
    { match: { prefix: /old }, redirect: { path_redirect: /new, response_code: FOUND } },
    { match: { prefix: /dead }, route: { cluster: origin } }]`;
  const proxy = await ProxyUnderTest.start(bootstrap(1, { routes }));
  const get = (path: string) => proxy.send(`GET ${path} HTTP/1.1\r\nHost: h.com\r\n${CLOSE}\r\n`);
  try {
    assert.match(await get("/nowhere"), /^HTTP\/1\.1 404 Not Found/);
    assert.match(
      await get("/direct"),
      /^HTTP\/1\.1 418 Unknown\r\ncontent-length: 3\r\ncontent-type: text\/plain[\s\S]*tea$/,
    );
    assert.match(
      await get("/old?x=1"),
      /^HTTP\/1\.1 302 Found\r\nlocation: http:\/\/h\.com\/new\?x=1/,
    );
    assert.match(
      await get("/dead"),
      /^HTTP\/1\.1 503 [\s\S]*upstream connect error or disconnect\/reset before headers\. reset reason: remote connection failure$/,
    );
  } finally {
    await proxy.stop();
  }
});

test("runs a TypeScript filter, and header_mutation beside it", async () => {
  const origin = await startOrigin((request, response) =>
    response.end(`seen by ${request.headers["x-seen-by"]}`),
  );
  const filter = join(import.meta.dirname, "..", "..", "examples", "hello-filter", "filter.ts");
  const filters = `{ name: hello, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter,
      dynamic_module_config: { module: { local: { filename: "${filter}" } } }, filter_name: hello,
      filter_config: { "@type": type.googleapis.com/google.protobuf.Struct, value: { greeting: hi there } } } },
    { name: mutation, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation,
      mutations: { response_mutations: [{ append: { header: { key: x-code, value: "%RESPONSE_CODE%" } } }] } } },`;
  const proxy = await ProxyUnderTest.start(bootstrap(origin.port, { filters }));
  try {
    const answer = await proxy.send(`GET / HTTP/1.1\r\nHost: a\r\n${CLOSE}\r\n`);
    assert.match(answer, /x-greeting: hi there\r\n/);
    assert.match(answer, /seen by hello-filter/);
  } finally {
    await proxy.stop();
    origin.close();
  }
});

test("a bad configuration gets its lines, exit code 1 and no stack trace", async () => {
  const yaml = bootstrap(70000, {
    hcm: "stat_prefixx: oops",
    filters: "{ name: x, typed_config: { dynamic_stats: true } },",
  });
  await assert.rejects(ProxyUnderTest.start(yaml), (error: Error) => {
    assert.match(error.message, /^exit code 1: /);
    assert.match(
      error.message,
      /config\.yaml:13:\d+: .*has no field 'stat_prefixx' \(did you mean 'stat_prefix'\?\)/,
    );
    assert.match(error.message, /port_value: value must be less than or equal to 65535/);
    assert.match(error.message, /'@type' is missing/);
    assert.doesNotMatch(error.message, /at .*\.ts:/);
    return true;
  });
});
