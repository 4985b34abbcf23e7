import assert from "node:assert/strict";
import { it } from "node:test";
import { nearestDuration, parseDuration } from "./duration.ts";

it("reads seconds with up to nine decimals", () => {
  const table: readonly [text: string, seconds: bigint, nanos: number][] = [
    ["1s", 1n, 0],
    ["01s", 1n, 0],
    ["1.5s", 1n, 500_000_000],
    ["0.000000001s", 0n, 1],
    ["-1.5s", -1n, -500_000_000],
    ["315576000000s", 315_576_000_000n, 0],
  ];
  for (const [text, seconds, nanos] of table) {
    const duration = parseDuration(text);
    assert.deepEqual([duration?.seconds, duration?.nanos], [seconds, nanos], text);
  }
});

it("refuses other forms", () => {
  for (const text of ["", "5", "5 s", " 5s", "+5s", "1.s", ".5s", "1e0s", "0.0000000001s", "5ms"])
    assert.equal(parseDuration(text), null, text);
  assert.equal(parseDuration("315576000001s"), null);
});

it("guesses what other units were meant to be", () => {
  assert.equal(nearestDuration("5"), "5s");
  assert.equal(nearestDuration("250ms"), "0.25s");
  assert.equal(nearestDuration("1.5m"), "90s");
  assert.equal(nearestDuration("1h"), "3600s");
  assert.equal(nearestDuration("soon"), null);
  assert.equal(nearestDuration("-5"), null);
});
