/** Carries out one case on one running proxy and writes down what happened. */
import { type ConformanceCase, get, type Step } from "./case.ts";
import { ClientConnection } from "./client.ts";
import type { OriginJournal } from "./origin.ts";
import type { ProxyProcess } from "./proxy-process.ts";
import {
  clientLines,
  emptyTranscript,
  namePorts,
  originLines,
  type Transcript,
} from "./transcript.ts";

/** Where a case runs. */
export interface Place {
  readonly proxy: ProxyProcess;
  /** Value of `$ID`. */
  readonly id: string;
  readonly port: number;
  readonly journal: OriginJournal;
  /** Names of the listener's and the origins' ports. */
  readonly portNames: ReadonlyMap<number, string>;
  /** Stretches the waits in which nothing must happen; for a second look. */
  readonly patience: number;
}

export interface CaseResult {
  readonly transcript: Transcript;
  /** Local ports of its client connections, by which its log lines are found. */
  readonly clientPorts: readonly number[];
}

export async function runCase(test: ConformanceCase, place: Place): Promise<CaseResult> {
  const transcript = emptyTranscript();
  const connections: ClientConnection[] = [];
  const { journal } = place;
  if (test.isWarm === true) await warmUp(place);
  const statsBefore = test.stats === undefined ? null : await readStats(place, test.stats);
  const printedBefore = place.proxy.printed.length;
  journal.begin(test.origin);
  const run = new Run(place, connections, transcript, test.timeoutMs ?? 10_000);
  for (const step of test.steps) {
    await run.step(step);
    if (run.isStuck) break;
  }
  transcript.client.push(...clientLines(connections));
  transcript.origin.push(...originLines(journal.records));
  const clientPorts = await Promise.all(connections.map((c) => c.localPort));
  for (const connection of connections) connection.dispose();
  if (statsBefore !== null && test.stats !== undefined) {
    transcript.stats.push(...(await statChanges(place, test.stats, statsBefore)));
  }
  if (test.proxyLog !== undefined) {
    transcript.proxyLog.push(
      ...logLines(place.proxy.printed.slice(printedBefore), place.id, test.proxyLog),
    );
  }
  const names = new Map(place.portNames);
  for (const port of clientPorts) names.set(port, "<client>");
  for (const section of ["client", "origin", "stats", "proxyLog"] as const) {
    transcript[section] = transcript[section].map((line) => normalise(line, test, names));
  }
  return { transcript, clientPorts };
}

/** One plain request, whose upstream connection stays. */
async function warmUp(place: Place): Promise<void> {
  place.journal.begin(undefined);
  const connection = new ClientConnection(place.port);
  connection.send(get("/warm-up"));
  const deadline = performance.now() + 2000;
  while (connection.completed() === 0 && !connection.isClosed && performance.now() < deadline) {
    await delay(2);
  }
  connection.dispose();
}

/** Replaces in a line what varies by the nature of the case. */
export function normalise(
  line: string,
  test: ConformanceCase,
  names: ReadonlyMap<number, string>,
): string {
  let text = namePorts(line, names);
  for (const [pattern, replacement] of test.normalise ?? [])
    text = text.replace(pattern, replacement);
  return text;
}

class Run {
  isStuck = false;
  private readonly place: Place;
  private readonly connections: ClientConnection[];
  private readonly transcript: Transcript;
  private readonly deadline: number;

  constructor(
    place: Place,
    connections: ClientConnection[],
    transcript: Transcript,
    timeoutMs: number,
  ) {
    this.place = place;
    this.connections = connections;
    this.transcript = transcript;
    this.deadline = performance.now() + timeoutMs;
  }

  async step(step: Step): Promise<void> {
    const { journal } = this.place;
    switch (step.do) {
      case "send":
        return this.connection(step.on).send(step.text);
      case "end":
        return this.connection(step.on).end();
      case "abort":
        return this.connection(step.on).abort();
      case "responses": {
        const connection = this.connection(step.on);
        return this.until(step, () => connection.isClosed || connection.completed() >= step.count);
      }
      case "text": {
        const connection = this.connection(step.on);
        return this.until(
          step,
          () => connection.isClosed || connection.received.includes(step.text),
        );
      }
      case "closed": {
        const connection = this.connection(step.on);
        return this.until(step, () => connection.isClosed);
      }
      case "originSaw":
        return this.until(step, () => journal.records.length >= step.count);
      case "originClosed":
        return this.until(step, () => journal.closedByProxy >= step.count);
      case "pause":
        return delay(step.ms);
      case "quiet":
        return this.quiet(step.ms * this.place.patience);
      case "admin": {
        const text = await this.place.proxy.admin(step.path, step.method);
        this.transcript.client.push(`admin ${step.path}: ${JSON.stringify(text)}`);
      }
    }
  }

  /** Nothing happens for `ms`; less when every connection is closed and nothing is under way. */
  private async quiet(ms: number): Promise<void> {
    const started = performance.now();
    for (;;) {
      const now = performance.now();
      const last = Math.max(
        started,
        this.place.journal.lastEvent,
        ...this.connections.map((c) => c.lastEvent),
      );
      const isOver = this.connections.every((c) => c.isClosed);
      if (now - last >= (isOver ? Math.min(ms, 60 * this.place.patience) : ms)) return;
      if (now > this.deadline) {
        this.isStuck = true;
        this.transcript.client.push("never quiet");
        return;
      }
      await delay(10);
    }
  }

  private async until(step: Step, isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      if (performance.now() > this.deadline || this.place.proxy.hasExited) {
        this.isStuck = true;
        this.transcript.client.push(`waited in vain: ${JSON.stringify(step)}`);
        return;
      }
      await delay(4);
    }
  }

  private connection(index: number): ClientConnection {
    while (this.connections.length <= index) {
      this.connections.push(new ClientConnection(this.place.port));
    }
    const connection = this.connections[index];
    if (connection === undefined) throw new Error(`no connection ${index}`);
    return connection;
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function readStats(place: Place, wanted: RegExp): Promise<Map<string, number>> {
  const text = await place.proxy.admin(`/stats?filter=${place.id}`);
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const colon = line.lastIndexOf(": ");
    const name = line.slice(0, colon);
    const value = Number(line.slice(colon + 2));
    if (colon > 0 && !Number.isNaN(value) && wanted.test(name)) values.set(name, value);
  }
  return values;
}

/** Changes once two readings in a row agree: some stats move when connections have ended. */
async function statChanges(
  place: Place,
  wanted: RegExp,
  before: ReadonlyMap<string, number>,
): Promise<string[]> {
  let last = "";
  for (let i = 0; i < 20; i++) {
    await delay(60 * place.patience);
    const now = await readStats(place, wanted);
    const lines: string[] = [];
    for (const [name, value] of now) {
      const change = value - (before.get(name) ?? 0);
      if (change !== 0) lines.push(`${name} ${change > 0 ? "+" : ""}${change}`);
    }
    const text = lines.sort().join("\n");
    if (i > 0 && text === last) return lines;
    last = text;
  }
  return [last];
}

/** Log lines of this listener that match, as `[level] text`. */
function logLines(printed: string, id: string, wanted: RegExp): string[] {
  const lines: string[] = [];
  for (const line of printed.split("\n")) {
    if (!line.includes(id) || !wanted.test(line)) continue;
    const parts = /^\[[^\]]*\]\[[^\]]*\]\[([^\]]*)\]\[[^\]]*\] (?:\[[^\]]*\] )?(.*)$/.exec(line);
    lines.push(parts === null ? line : `[${parts[1]}] ${parts[2]}`);
  }
  return lines;
}
