/** Runs cases on one proxy: starts it with all their listeners, several listeners' cases at a time. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConformanceCase } from "./case.ts";
import { bootstrap, clusterCount, type Unit, type UnitPorts } from "./config.ts";
import { Origin, OriginJournal } from "./origin.ts";
import { type Kind, ProxyProcess, StartError } from "./proxy-process.ts";
import { type CaseResult, normalise, runCase } from "./run-case.ts";
import { emptyTranscript, type Transcript } from "./transcript.ts";

/** A listener and the cases that share it. */
export interface CaseUnit extends Unit {
  readonly cases: readonly ConformanceCase[];
}

export interface SideOptions {
  readonly kind: Kind;
  readonly root: string;
  readonly patience: number;
  readonly onProgress: (done: number) => void;
}

/** Listeners at work at a time. */
const CONCURRENCY = 12;

/** Transcripts by case name. */
export async function runSide(
  units: readonly CaseUnit[],
  options: SideOptions,
): Promise<Map<string, Transcript>> {
  const results = new Map<string, Transcript>();
  const groups = new Map<string, CaseUnit[]>();
  for (const unit of units) {
    const key = unit.config.bootstrap ?? "";
    groups.set(key, [...(groups.get(key) ?? []), unit]);
  }
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    for (const group of groups.values()) await runGroup(group, folder, options, results);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** Starts one process for all; halves them while the configuration is refused; goes on after a crash. */
async function runGroup(
  units: readonly CaseUnit[],
  folder: string,
  options: SideOptions,
  results: Map<string, Transcript>,
): Promise<void> {
  const stage = new Stage(join(folder, `p${results.size}-${units.length}-${units[0]?.id}`));
  let proxy: ProxyProcess;
  try {
    await stage.open(units);
    const config = bootstrap(units, stage.ports, options.root);
    proxy = await ProxyProcess.start(options.kind, options.root, stage.folder, config);
  } catch (error) {
    stage.close();
    if (!(error instanceof StartError)) throw error;
    const [first] = units;
    if (first === undefined) throw error;
    if (units.length === 1) return fail(first, `does not start: ${error.message}`, results);
    const refused = units.filter((_, i) => complaints(error.message, units, i) !== "");
    if (refused.length > 0 && refused.length < units.length) {
      for (const unit of refused) {
        fail(unit, complaints(error.message, units, units.indexOf(unit)), results);
      }
      const rest = units.filter((unit) => !refused.includes(unit));
      return runGroup(rest, folder, options, results);
    }
    const middle = units.length >> 1;
    await runGroup(units.slice(0, middle), folder, options, results);
    return runGroup(units.slice(middle), folder, options, results);
  }
  try {
    await runUnits(units, stage, proxy, options, results);
  } finally {
    await proxy.stop();
    stage.close();
  }
}

/** Lines of an error that name the listener of a unit, or its first cluster, by place. */
function complaints(message: string, units: readonly CaseUnit[], index: number): string {
  // Each unit has one cluster, and further ones where it asks for them.
  const before = units.slice(0, index).reduce((sum, unit) => sum + clusterCount(unit), 0);
  const places = [`.listeners[${index}]`];
  const count = units[index] === undefined ? 0 : clusterCount(units[index]);
  for (let i = 0; i < count; i++) places.push(`.clusters[${before + i}]`);
  const lines = message.split("\n").filter((line) => places.some((place) => line.includes(place)));
  return lines.map((line) => line.replace(/^\S+bootstrap\.json:\d+:\d+: /, "")).join("\n");
}

/** Origins and log files of the listeners of one process. */
class Stage {
  readonly folder: string;
  readonly ports = new Map<string, UnitPorts>();
  readonly journals = new Map<string, OriginJournal>();
  private readonly origins: Origin[] = [];

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder);
  }

  async open(units: readonly CaseUnit[]): Promise<void> {
    for (const unit of units) {
      const journal = new OriginJournal();
      const wanted = JSON.stringify(unit.config);
      const count = wanted.includes("ORIGIN3") ? 3 : wanted.includes("ORIGIN2") ? 2 : 1;
      const origins: Origin[] = [];
      for (let i = 1; i <= count; i++) origins.push(await Origin.start(i, journal));
      this.origins.push(...origins);
      this.journals.set(unit.id, journal);
      this.ports.set(unit.id, {
        origins: origins.map((origin) => origin.port),
        logPath: join(this.folder, `${unit.id}.log`),
      });
    }
  }

  close(): void {
    for (const origin of this.origins) origin.stop();
  }
}

async function runUnits(
  units: readonly CaseUnit[],
  stage: Stage,
  proxy: ProxyProcess,
  options: SideOptions,
  results: Map<string, Transcript>,
): Promise<void> {
  const done: { unit: CaseUnit; test: ConformanceCase; result: CaseResult }[] = [];
  const waiting = [...units];
  const work = async (): Promise<void> => {
    for (;;) {
      const unit = waiting.shift();
      if (unit === undefined) return;
      const journal = stage.journals.get(unit.id);
      const port = proxy.ports.get(unit.id);
      if (journal === undefined || port === undefined) {
        fail(unit, "no such listener", results);
        continue;
      }
      const portNames = namesOf(unit, stage, port);
      for (const test of unit.cases) {
        if (proxy.hasExited) {
          fail({ ...unit, cases: [test] }, `the proxy has died: ${proxy.exit}`, results);
          continue;
        }
        const place = { proxy, id: unit.id, port, journal, portNames, patience: options.patience };
        const result = await runCase(test, place);
        done.push({ unit, test, result });
        results.set(test.name, result.transcript);
        options.onProgress(results.size);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  await addLogs(done, stage, proxy, options.patience);
}

function namesOf(unit: CaseUnit, stage: Stage, port: number): Map<number, string> {
  const names = new Map([[port, "<listener>"]]);
  stage.ports.get(unit.id)?.origins.forEach((origin, i) => {
    names.set(origin, i === 0 ? "<origin>" : `<origin${i + 1}>`);
  });
  return names;
}

/** Finds each case's lines in its listener's log by the client's port, which leads the line. */
async function addLogs(
  done: readonly { unit: CaseUnit; test: ConformanceCase; result: CaseResult }[],
  stage: Stage,
  proxy: ProxyProcess,
  patience: number,
): Promise<void> {
  // Streams whose client has just left end within this, and files are flushed every 50 ms.
  await new Promise((resolve) => setTimeout(resolve, 400 * patience));
  for (const { unit, test, result } of done) {
    if (test.compare !== undefined && !test.compare.includes("log")) continue;
    const path = stage.ports.get(unit.id)?.logPath ?? "";
    const names = namesOf(unit, stage, proxy.ports.get(unit.id) ?? 0);
    for (const line of linesOf(path)) {
      const [who = "", ...rest] = line.split(" ");
      if (!result.clientPorts.includes(Number(who.split(":").pop()))) continue;
      result.transcript.log.push(normalise(shorten(rest.join(" ")), test, names));
    }
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "latin1").split("\n");
  } catch {
    return [];
  }
}

const shorten = (line: string): string =>
  line.length <= 1000 ? line : `${line.slice(0, 1000)}… (${line.length})`;

function fail(unit: CaseUnit, why: string, results: Map<string, Transcript>): void {
  for (const test of unit.cases) {
    results.set(test.name, { ...emptyTranscript(), client: why.trim().split("\n").slice(-8) });
  }
}
