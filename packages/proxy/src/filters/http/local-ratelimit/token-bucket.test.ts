import assert from "node:assert/strict";
import { test } from "node:test";
import { TOKEN_BUCKET_BYTES, TokenBucket } from "./token-bucket.ts";

test("starts full, empties, and fills with time, never above its size", () => {
  const memory = new SharedArrayBuffer(TOKEN_BUCKET_BYTES);
  const bucket = new TokenBucket(memory, { maxTokens: 3, tokensPerFill: 1, fillIntervalMs: 100 });
  const now = 1_000_000;
  assert.equal(bucket.remaining(now), 3);
  for (let i = 0; i < 3; i++) assert.equal(bucket.take(now), true);
  assert.equal(bucket.take(now), false);
  assert.equal(bucket.msToNextToken(now), 100);
  assert.equal(bucket.take(now + 100), true);
  assert.equal(bucket.take(now + 100), false);
  assert.equal(bucket.remaining(now + 10_000), 3);
});

test("two views of one memory share the tokens", () => {
  const memory = new SharedArrayBuffer(TOKEN_BUCKET_BYTES);
  const options = { maxTokens: 2, tokensPerFill: 1, fillIntervalMs: 1000 };
  const one = new TokenBucket(memory, options);
  const two = new TokenBucket(memory, options);
  assert.equal(one.take(5_000_000), true);
  assert.equal(two.take(5_000_000), true);
  assert.equal(one.take(5_000_000), false);
});
