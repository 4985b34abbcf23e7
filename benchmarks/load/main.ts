/** Loads Legate and Envoy in turn and compares what each request costs them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { idleMemory } from "./idle-memory.ts";
import { measure, type Plan, PROXIES } from "./measure.ts";
import { startOrigin } from "./processes.ts";
import { markdown, type Report, type Result } from "./report.ts";
import { scenarios } from "./scenarios.ts";

const HELP = `Usage: main.ts [options]

The proxy under test has core 0; wrk and the origin share core 1. What counts is the proxy's own CPU
time per request, from the kernel; the two proxies are loaded in turn.

  --scenario REGEX   only scenarios whose name matches (${scenarios.map((one) => one.name).join(", ")}, idle)
  --rounds N         rounds of each (default 5)
  --seconds N        seconds of load in a round (default 4)
  --idle N           idle connections (default 8000)
  --smoke            one short round of everything: shows that it runs
  --out PATH         write PATH.md and PATH.json
  -h, --help         this text`;

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    idle: { type: "string", default: "8000" },
    smoke: { type: "boolean", default: false },
    out: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const wanted = new RegExp(values.scenario);
  const folder = mkdtempSync(join(tmpdir(), "legate-load-"));
  const { origin, port } = await startOrigin();
  const plan: Plan = {
    originPort: port,
    folder,
    rounds: values.smoke ? 1 : Number(values.rounds),
    seconds: values.smoke ? 1 : Number(values.seconds),
    warmUpSeconds: values.smoke ? 1 : 3,
  };
  const idleConnections = values.smoke ? 500 : Number(values.idle);
  try {
    const results: Result[] = [];
    for (const scenario of scenarios) {
      if (!wanted.test(scenario.name)) continue;
      if (scenario.missing === null)
        results.push({ scenario, samples: await measure(scenario, plan, say) });
      else say(`${scenario.name}: left out; ${scenario.missing}`);
    }
    const report: Report = {
      results,
      idle: wanted.test("idle") ? await measureIdle(port, idleConnections, folder) : null,
      idleConnections,
      command:
        `node tools/run.mjs benchmarks/load/main.ts ${process.argv.slice(2).join(" ")}`.trim(),
    };
    console.log(markdown(report));
    if (values.out === undefined) return;
    writeFileSync(`${values.out}.md`, markdown(report));
    writeFileSync(`${values.out}.json`, `${JSON.stringify(report, null, 1)}\n`);
  } finally {
    await origin.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureIdle(
  originPort: number,
  connections: number,
  folder: string,
): Promise<NonNullable<Report["idle"]>> {
  const idle = { envoy: 0, legate: 0 };
  for (const name of PROXIES) {
    idle[name] = await idleMemory(name, originPort, connections, folder);
    say(`idle ${name}: ${(idle[name] / 1024).toFixed(1)} KiB a connection`);
  }
  return idle;
}

function say(line: string): void {
  console.error(line);
}
