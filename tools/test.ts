/** Runs the test files beside the sources, two at a time, and closes with one plain line. */
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";

const root = join(import.meta.dirname, "..");
const PATTERNS = [
  "packages/*/src/**/*.test.ts",
  "examples/**/*.test.ts",
  "tools/**/*.test.ts",
  "tests/**/*.test.ts",
];

const named = process.argv.slice(2);
const files = (named.length > 0 ? named : globSync(PATTERNS, { cwd: root }).sort()).map((file) =>
  join(root, relative(root, join(process.cwd(), file))),
);
if (files.length === 0) {
  console.error("no test files found");
  process.exit(1);
}

let passed = 0;
let failed = 0;
let skipped = 0;
const started = performance.now();
const stream = run({
  files,
  concurrency: Math.min(2, availableParallelism()),
  timeout: 60_000,
});

stream.on("test:pass", (test) => {
  if (test.details.type === "suite" || test.name === test.file) return;
  if (test.skip !== undefined) skipped++;
  else passed++;
});
stream.on("test:fail", (test) => {
  const { failureType } = (test.details.error ?? {}) as { failureType?: string };
  if (test.details.type === "suite" && failureType === "subtestsFailed") return;
  failed++;
  const place = test.file === undefined ? "" : `${relative(root, test.file)}:${test.line ?? 0}`;
  console.error(`\nFAILED ${place} ${test.name}`);
  const cause = (test.details.error?.cause ?? test.details.error) as Error | undefined;
  console.error(cause?.stack ?? String(cause));
});
stream.on("test:stderr", (event) => process.stderr.write(event.message));
stream.on("end", () => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${files.length} files in ${seconds} s`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
});
stream.resume();
