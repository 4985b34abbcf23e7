/** Results as Markdown and JSON, with the machine and the command that repeats them. */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { median, type Samples } from "./measure.ts";
import type { ProxyName } from "./processes.ts";
import type { Scenario } from "./scenarios.ts";

export interface Result {
  readonly scenario: Scenario;
  readonly samples: Samples;
}

export interface Report {
  readonly results: readonly Result[];
  /** Bytes per idle connection; null when not measured. */
  readonly idle: Readonly<Record<ProxyName, number>> | null;
  readonly idleConnections: number;
  readonly command: string;
}

export function markdown(report: Report): string {
  const lines = [
    "# Load: Legate beside Envoy",
    "",
    `Proxy's own CPU time per request, µs; medians of rounds in turn. Machine: ${cpus().length} × ${cpus()[0]?.model}; Node ${process.versions.node}; Envoy ${envoyVersion()}; commit ${commit()}.`,
    "",
    `\`${report.command}\``,
    "",
    "| scenario | Envoy | Legate | ratio | aim |",
    "| --- | --- | --- | --- | --- |",
  ];
  const plain = report.results.find(({ scenario }) => scenario.name === "plain");
  for (const { scenario, samples } of report.results) {
    const envoy = median(samples.envoy);
    const legate = median(samples.legate);
    const aim = scenario.isAddition || scenario.aim === null ? "" : `≤ ${scenario.aim}`;
    lines.push(row(`${scenario.name}: ${scenario.what}`, envoy, legate, aim));
    if (!scenario.isAddition || plain === undefined) continue;
    const addedAim = scenario.aim === null ? "" : `≤ ${scenario.aim}`;
    const added = {
      envoy: envoy - median(plain.samples.envoy),
      legate: legate - median(plain.samples.legate),
    };
    lines.push(row(`${scenario.name}, what it adds to plain`, added.envoy, added.legate, addedAim));
  }
  if (report.idle !== null)
    lines.push(
      row(
        `memory per idle connection (${report.idleConnections}), KiB`,
        report.idle.envoy / 1024,
        report.idle.legate / 1024,
        "",
      ),
    );
  return `${lines.join("\n")}\n`;
}

function row(what: string, envoy: number, legate: number, aim: string): string {
  const ratio = envoy > 0.5 ? (legate / envoy).toFixed(2) : "–";
  return `| ${what} | ${envoy.toFixed(1)} | ${legate.toFixed(1)} | ${ratio} | ${aim} |`;
}

function envoyVersion(): string {
  const text = execFileSync("envoy", ["--version"], { encoding: "utf8" });
  return /\/(\d+\.\d+\.\d+)\/Clean/.exec(text)?.[1] ?? "unknown";
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}
