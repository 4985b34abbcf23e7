/** Runs the same cases on two proxies, Envoy and Legate, and reports every difference. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ConformanceCase } from "./case.ts";
import { type Difference, differences } from "./differences.ts";
import type { Kind } from "./proxy-process.ts";
import { type CaseUnit, runSide } from "./run-side.ts";
import { suites } from "./suites.ts";
import { difference, emptyTranscript, SECTIONS, type Transcript } from "./transcript.ts";

const HELP = `Usage: main.ts [options]

Sends the same bytes through two proxies with the same configuration and compares what the client
saw, what the origin saw, the access log and chosen stats.

  --filter REGEX    only cases whose name matches
  --only-envoy      run Envoy alone and print what happened in each case
  --list            print the names
  --left KIND       envoy (default) or legate
  --right KIND      legate (default) or envoy
  -v, --verbose     print the transcripts of cases that differ, too
  -h, --help        this text`;

const root = join(import.meta.dirname, "..", "..");
/** Cases that share a listener, at most; more listeners let more cases run at a time. */
const CASES_PER_UNIT = 10;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      filter: { type: "string", default: "" },
      "only-envoy": { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      left: { type: "string", default: "envoy" },
      right: { type: "string", default: "legate" },
      verbose: { type: "boolean", short: "v", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return print(HELP);
  const wanted = new RegExp(values.filter);
  const cases = suites.flat().filter((test) => wanted.test(test.name));
  const names = new Set(cases.map((test) => test.name));
  if (names.size !== cases.length) throw new Error("two cases have one name");
  if (values.list) return print(cases.map((test) => test.name).join("\n"));
  if (cases.length === 0) {
    console.error(`no case matches ${values.filter}`);
    return 1;
  }
  const units = share(cases);
  const left = await run("left", kindOf(values.left), units, 1);
  if (values["only-envoy"]) {
    for (const test of cases) printTranscript(test.name, left.get(test.name));
    return 0;
  }
  const right = await run("right", kindOf(values.right), units, 1);
  const differing = (some: readonly ConformanceCase[]): ConformanceCase[] =>
    some.filter((test) => differenceOf(test, left, right).length > 0);
  const first = differing(cases);
  await lookAgain(first, units, kindOf(values.left), kindOf(values.right), left, right);
  return report(cases, first.length - differing(first).length, left, right, values.verbose);
}

/** Cases of equal configuration share listeners, `CASES_PER_UNIT` at most on each. */
function share(cases: readonly ConformanceCase[]): CaseUnit[] {
  const byConfig = new Map<string, ConformanceCase[]>();
  for (const test of cases) {
    const key = JSON.stringify(test.config ?? {});
    byConfig.set(key, [...(byConfig.get(key) ?? []), test]);
  }
  const units: CaseUnit[] = [];
  for (const same of byConfig.values()) {
    for (let i = 0; i < same.length; i += CASES_PER_UNIT) {
      const id = `u${String(units.length).padStart(3, "0")}`;
      units.push({ id, config: same[0]?.config ?? {}, cases: same.slice(i, i + CASES_PER_UNIT) });
    }
  }
  return units;
}

async function run(
  label: string,
  kind: Kind,
  units: readonly CaseUnit[],
  patience: number,
): Promise<Map<string, Transcript>> {
  const total = units.reduce((sum, unit) => sum + unit.cases.length, 0);
  const started = performance.now();
  let shown = 0;
  const results = await runSide(units, {
    kind,
    root,
    patience,
    onProgress(done) {
      if (done < total && done - shown < 50) return;
      shown = done;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${label} ${kind}: ${done} of ${total} cases, ${seconds} s`);
    },
  });
  return results;
}

/** Differing cases run once more, with more patience: a slow machine must not look like a difference. */
async function lookAgain(
  cases: readonly ConformanceCase[],
  units: readonly CaseUnit[],
  leftKind: Kind,
  rightKind: Kind,
  left: Map<string, Transcript>,
  right: Map<string, Transcript>,
): Promise<void> {
  if (cases.length === 0) return;
  const again = units
    .map((unit) => ({ ...unit, cases: unit.cases.filter((test) => cases.includes(test)) }))
    .filter((unit) => unit.cases.length > 0);
  console.log(`${cases.length} cases differ; looking again`);
  for (const [name, value] of await run("left", leftKind, again, 2)) left.set(name, value);
  for (const [name, value] of await run("right", rightKind, again, 2)) right.set(name, value);
}

function differenceOf(
  test: ConformanceCase,
  left: ReadonlyMap<string, Transcript>,
  right: ReadonlyMap<string, Transcript>,
): string[] {
  const a = left.get(test.name) ?? emptyTranscript();
  const b = right.get(test.name) ?? emptyTranscript();
  const compared = test.compare ?? ["client", "origin", "log"];
  return difference(a, b).filter((line) => {
    const section = line.slice(0, line.indexOf(" "));
    return section === "stats" || section === "proxyLog" || compared.some((s) => s === section);
  });
}

function report(
  cases: readonly ConformanceCase[],
  second: number,
  left: ReadonlyMap<string, Transcript>,
  right: ReadonlyMap<string, Transcript>,
  verbose: boolean,
): number {
  const shown = new Set<Difference>();
  let failed = 0;
  let known = 0;
  for (const test of cases) {
    const covering = differences.filter((d) => covers(d, test.name));
    const found = differenceOf(test, left, right);
    const open = found.filter((line) => {
      const by = covering.filter((d) => line.includes(d.what));
      for (const d of by) shown.add(d);
      return by.length === 0;
    });
    if (open.length === 0) {
      if (found.length > 0) known++;
      continue;
    }
    failed++;
    console.log(`\nFAILED ${test.name}`);
    for (const line of open) console.log(`  ${line}`);
    if (!verbose) continue;
    printTranscript("left", left.get(test.name));
    printTranscript("right", right.get(test.name));
  }
  for (const d of differences) {
    if (shown.has(d) || !cases.some((test) => covers(d, test.name))) continue;
    failed++;
    console.log(`\nFAILED ${d.case}: the listed difference is gone: ${d.what}`);
  }
  if (known > 0) console.log(`${known} cases differ as listed in differences.ts`);
  if (second > 0) console.log(`${second} cases agreed only at the second look`);
  console.log(`${cases.length - Math.min(failed, cases.length)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function covers(difference: Difference, name: string): boolean {
  return typeof difference.case === "string"
    ? difference.case === name
    : difference.case.test(name);
}

function printTranscript(name: string, transcript: Transcript | undefined): void {
  console.log(`\n## ${name}`);
  for (const section of SECTIONS) {
    const lines = transcript?.[section] ?? [];
    if (lines.length === 0) continue;
    console.log(`  ${section}:`);
    for (const line of lines) console.log(`    ${line}`);
  }
}

function kindOf(text: string): Kind {
  if (text === "envoy" || text === "legate") return text;
  throw new Error(`unknown proxy ${text}; known: envoy, legate`);
}

function print(text: string): number {
  console.log(text);
  return 0;
}
