import assert from "node:assert/strict";
import { test } from "node:test";
import { EscapedSlashes, normalizePath } from "./path-normalization.ts";

const normalize = { normalizes: true, mergesSlashes: false, escapedSlashes: EscapedSlashes.Keep };

test("resolves dot segments and decodes unreserved characters, query untouched", () => {
  const cases: [string, string | null][] = [
    ["/a/./b/../c//d", "/a/c//d"],
    ["/../../x", "/x"],
    ["/%7e%41", "/~A"],
    ["/a/..", "/"],
    ["/a/b/.", "/a/b/"],
    ["/a?x=/../y", "/a?x=/../y"],
    ["/%zz", null],
    ["/%00", null],
  ];
  for (const [path, expected] of cases)
    assert.equal(normalizePath(path, normalize).path, expected, path);
});

test("treats escaped slashes as configured", () => {
  const act = (escapedSlashes: EscapedSlashes) =>
    normalizePath("/a%2fb%5Cc", { normalizes: false, mergesSlashes: false, escapedSlashes });
  assert.deepEqual(act(EscapedSlashes.Keep), { path: "/a%2fb%5Cc", redirects: false });
  assert.deepEqual(act(EscapedSlashes.Reject), { path: null, redirects: false });
  assert.deepEqual(act(EscapedSlashes.UnescapeAndRedirect), { path: "/a/b\\c", redirects: true });
  assert.deepEqual(act(EscapedSlashes.UnescapeAndForward), { path: "/a/b\\c", redirects: false });
});

test("merges slashes", () => {
  const options = { normalizes: false, mergesSlashes: true, escapedSlashes: EscapedSlashes.Keep };
  assert.equal(normalizePath("//a///b?c=//d", options).path, "/a/b?c=//d");
});
