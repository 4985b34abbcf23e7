import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoop } from "./event-loop.ts";

test("fires in order of start, not after stop, and later after restart", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const loop = new EventLoop();
  const fired: string[] = [];
  let now = 0;
  loop.clock.update = () => {};
  loop.clock.monotonicMs = () => now;
  const push = (name: string) => fired.push(name);
  const advance = (ms: number) => {
    now += ms;
    context.mock.timers.tick(ms);
  };
  loop.timers.start(100, push, "a");
  const b = loop.timers.start(100, push, "b");
  const c = loop.timers.start(100, push, "c");
  loop.timers.start(50, push, "d");
  b.stop();
  advance(60);
  assert.deepEqual(fired, ["d"]);
  c.restart();
  advance(40);
  assert.deepEqual(fired, ["d", "a"]);
  advance(59);
  assert.deepEqual(fired, ["d", "a"]);
  advance(1);
  assert.deepEqual(fired, ["d", "a", "c"]);
  loop.timers.dispose();
});

test("a stopped timer can be restarted", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const loop = new EventLoop();
  let now = 0;
  loop.clock.update = () => {};
  loop.clock.monotonicMs = () => now;
  let count = 0;
  const timer = loop.timers.start(10, () => count++, null);
  timer.stop();
  now = 20;
  context.mock.timers.tick(20);
  assert.equal(count, 0);
  timer.restart();
  now = 31;
  context.mock.timers.tick(11);
  assert.equal(count, 1);
});
