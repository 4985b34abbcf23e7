/** Writes what happened in a case as lines of text, with what truly varies replaced. */
import { createHash } from "node:crypto";
import type { ClientConnection } from "./client.ts";
import type { Message } from "./http-messages.ts";
import type { OriginRecord } from "./origin.ts";

export type Section = "client" | "origin" | "log" | "stats" | "proxyLog";
export const SECTIONS: readonly Section[] = ["client", "origin", "log", "stats", "proxyLog"];
export type Transcript = Record<Section, string[]>;

export const emptyTranscript = (): Transcript => ({
  client: [],
  origin: [],
  log: [],
  stats: [],
  proxyLog: [],
});

export function clientLines(connections: readonly ClientConnection[]): string[] {
  return connections.flatMap((connection, i) => {
    const { messages, rest } = connection.responses();
    const lines = messages.flatMap((message) => messageLines("<", message));
    if (rest !== "") lines.push(`< bytes ${quote(rest)}`);
    lines.push(connection.isClosed ? "closed by the proxy" : "open");
    return connections.length === 1 ? lines : [`connection ${i}`, ...lines];
  });
}

export function originLines(records: readonly OriginRecord[]): string[] {
  return records.flatMap((record) => {
    const lines = messageLines(">", record.message);
    if (record.tunnel !== "") lines.push(`> tunnel ${quote(record.tunnel)}`);
    if (record.isCut) lines.push("cut by the proxy");
    return record.seen.origin === 1 ? lines : [`origin ${record.seen.origin}`, ...lines];
  });
}

function messageLines(mark: string, message: Message): string[] {
  const lines = [`${mark} ${quote(message.first, false)}`];
  for (const [name, value] of message.headers) {
    lines.push(`${mark} ${name}: ${quote(varying(name, value), false)}`);
  }
  if (message.body !== "") lines.push(`${mark} body ${quote(message.body)}`);
  for (const [name, value] of message.trailers) lines.push(`${mark} trailer ${name}: ${value}`);
  if (!message.complete) lines.push(`${mark} incomplete`);
  return lines;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Values that vary in every run, where they have their proper shape. */
function varying(name: string, value: string): string {
  switch (name.toLowerCase()) {
    case "date":
      return DATE.test(value) ? "<date>" : value;
    case "x-request-id":
      return UUID.test(value) ? "<uuid>" : value;
    case "x-envoy-upstream-service-time":
      return /^\d+$/.test(value) ? "<ms>" : value;
    default:
      return value;
  }
}

/** Replaces ports by what they are: `<origin>`, `<listener>`, `<client>`, or `<port>`. */
export function namePorts(line: string, names: ReadonlyMap<number, string>): string {
  return line.replace(
    /\b127\.0\.0\.1:(\d+)/g,
    (_, port: string) => `127.0.0.1:${names.get(Number(port)) ?? "<port>"}`,
  );
}

function quote(text: string, inQuotes = true): string {
  const shown =
    text.length <= 400
      ? text
      : `${text.slice(0, 100)}… (${text.length} bytes, sha1 ${createHash("sha1").update(text, "latin1").digest("hex").slice(0, 12)})`;
  const escaped = JSON.stringify(shown);
  return inQuotes ? escaped : escaped.slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}

/** Lines that only one side has: `-` left, `+` right, with the section's name. */
export function difference(left: Transcript, right: Transcript): string[] {
  return SECTIONS.flatMap((section) =>
    lineDifference(left[section], right[section]).map((line) => `${section} ${line}`),
  );
}

function lineDifference(left: readonly string[], right: readonly string[]): string[] {
  // Lengths of longest common subsequences of the tails.
  const common = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0),
  );
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row === undefined) continue;
      row[j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      i++;
      j++;
    } else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${left[i++]}`);
    } else {
      lines.push(`+ ${right[j++]}`);
    }
  }
  return lines;
}
