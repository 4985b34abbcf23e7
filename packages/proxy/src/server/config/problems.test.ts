import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError, formatProblem, nearest, type Problem, ProblemCollector } from "./problems.ts";

const problem = (message: string): Problem => ({
  severity: "error",
  place: { file: "a.yaml", line: 3, column: 5, path: "admin.address" },
  message,
});

describe("formatProblem", () => {
  it("is one line with file, place, path and text", () => {
    assert.equal(formatProblem(problem("is\nbad ")), "a.yaml:3:5: admin.address: is bad");
  });

  it("leaves out what isn't known", () => {
    const place = { file: "a.yaml", line: 0, column: 0, path: "" };
    assert.equal(
      formatProblem({ severity: "error", place, message: "is gone" }),
      "a.yaml: is gone",
    );
  });
});

describe("nearest", () => {
  const names = ["connect_timeout", "name", "type"];

  it("finds a name with few letters changed", () => {
    assert.equal(nearest("conect_timeuot", names), "connect_timeout");
    assert.equal(nearest("nmae", names), "name");
  });

  it("finds nothing far away", () => {
    assert.equal(nearest("load_assignment", names), null);
    assert.equal(nearest("x", []), null);
  });
});

describe("ProblemCollector", () => {
  it("goes on after a problem and throws all at the end", async () => {
    const collector = new ProblemCollector();
    const steps: string[] = [];
    await collector.attempt(() => {
      throw new ConfigError([problem("one")]);
    });
    await collector.attempt(async () => {
      steps.push("second");
      throw new ConfigError([problem("two"), problem("three")]);
    });
    assert.deepEqual(steps, ["second"]);
    assert.throws(
      () => collector.finish(),
      (error: ConfigError) =>
        error.problems.map(({ message }) => message).join() === "one,two,three",
    );
  });

  it("lets other errors through", async () => {
    const failure = new TypeError("a bug");
    await assert.rejects(
      new ProblemCollector().attempt(() => {
        throw failure;
      }),
      failure,
    );
  });
});
