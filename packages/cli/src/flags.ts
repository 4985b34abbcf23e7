/** Command line → what to do, with Envoy's meaning of Envoy's flags. */
import { parseArgs } from "node:util";
import type { ServerOptions } from "@legate/proxy";
import { FLAGS } from "./flag-table.ts";

export type ParsedFlags =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "hot-restart-version" }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "run"; readonly options: ServerOptions; readonly validateOnly: boolean };

const PARSER_OPTIONS: Record<
  string,
  { type: "string" | "boolean"; short?: string; multiple: true }
> = Object.fromEntries(
  FLAGS.map(({ name, short, kind }) => [
    name,
    {
      type: kind.endsWith("boolean") ? ("boolean" as const) : ("string" as const),
      ...(short === undefined ? {} : { short }),
      multiple: true as const,
    },
  ]),
);

const LOG_LEVELS = ["trace", "debug", "info", "warning", "warn", "error", "critical", "off"];

/** Never throws. */
export function parseFlags(args: readonly string[]): ParsedFlags {
  const { tokens } = parseArgs({
    args: [...args],
    options: PARSER_OPTIONS,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, (string | true)[]>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional")
      return { kind: "error", message: `unexpected argument '${token.value}'` };
    const flag = FLAGS.find(({ name }) => name === token.name);
    if (flag === undefined)
      return { kind: "error", message: unknownFlag(token.rawName, token.name) };
    const takesValue = !flag.kind.endsWith("boolean");
    if (takesValue && token.value === undefined)
      return { kind: "error", message: `--${flag.name} needs a value` };
    if (!takesValue && token.value !== undefined)
      return { kind: "error", message: `--${flag.name} takes no value` };
    const given = values.get(flag.name) ?? [];
    if (given.length > 0 && !flag.isRepeatable)
      return { kind: "error", message: `--${flag.name} is given twice` };
    values.set(flag.name, [...given, token.value ?? true]);
  }
  if (values.has("help")) return { kind: "help" };
  if (values.has("version")) return { kind: "version" };
  if (values.has("hot-restart-version")) return { kind: "hot-restart-version" };
  return readValues(values);
}

function unknownFlag(given: string, name: string): string {
  const near = FLAGS.map((flag) => ({
    name: flag.name,
    distance: editDistance(name, flag.name),
  })).sort((a, b) => a.distance - b.distance)[0]!;
  const hint = near.distance <= 3 ? ` (did you mean --${near.name}?)` : "";
  return `unknown flag ${given}${hint}`;
}

function readValues(values: ReadonlyMap<string, readonly (string | true)[]>): ParsedFlags {
  const text = (name: string): string | null => {
    const found = values.get(name)?.[0];
    return typeof found === "string" ? found : null;
  };
  const problems: string[] = [];
  const integer = (name: string, fallback: number): number => {
    const found = text(name);
    if (found === null) return fallback;
    if (/^\d{1,9}$/.test(found)) return Number(found);
    problems.push(`--${name} wants a number, not '${found}'`);
    return fallback;
  };
  const oneOf = (name: string, allowed: readonly string[], fallback: string): string => {
    const found = text(name) ?? fallback;
    if (!allowed.includes(found))
      problems.push(`--${name} wants one of ${allowed.join(", ")}, not '${found}'`);
    return found;
  };
  const mode = oneOf("mode", ["serve", "validate", "init_only"], "serve");
  const logLevel = oneOf("log-level", LOG_LEVELS, "info");
  const drainStrategy = oneOf("drain-strategy", ["gradual", "immediate"], "gradual");
  const options: ServerOptions = {
    configPath: text("config-path"),
    configYaml: text("config-yaml"),
    concurrency: values.has("concurrency") ? Math.max(1, integer("concurrency", 1)) : null,
    logLevel,
    componentLogLevel: text("component-log-level") ?? "",
    logFormat: text("log-format"),
    logPath: text("log-path"),
    serviceNode: text("service-node"),
    serviceCluster: text("service-cluster"),
    serviceZone: text("service-zone"),
    adminAddressPath: text("admin-address-path"),
    drainTimeMs: integer("drain-time-s", 600) * 1000,
    drainStrategy: drainStrategy as "gradual" | "immediate",
    fileFlushIntervalMs: integer("file-flush-interval-msec", 10_000),
    fileFlushBytes: integer("file-flush-min-size-kb", 64) * 1024,
    allowUnsupported: values.has("allow-unsupported"),
    allowUnknown: values.has("allow-unknown-fields") || values.has("allow-unknown-static-fields"),
    logFormatEscaped: values.has("log-format-escaped"),
    statsTags: (values.get("stats-tag") ?? []).map((tag) => statsTag(String(tag), problems)),
    ignoredFlags: FLAGS.filter(
      (flag) => flag.kind.startsWith("ignored") && values.has(flag.name),
    ).map((flag) => `--${flag.name}`),
  };
  for (const flag of FLAGS) if (flag.kind === "ignored-integer") integer(flag.name, 0);
  if (options.configPath === null && options.configYaml === null)
    problems.push("a configuration is needed: --config-path FILE (-c) or --config-yaml TEXT");
  if (problems.length > 0) return { kind: "error", message: problems.join("\n") };
  return { kind: "run", options, validateOnly: mode !== "serve" };
}

function statsTag(text: string, problems: string[]): ServerOptions["statsTags"][number] {
  const parts = /^([A-Za-z0-9_.-]+):(\S+)$/.exec(text);
  if (parts !== null) return { name: parts[1]!, value: parts[2]! };
  problems.push(`--stats-tag wants NAME:VALUE, not '${text}'`);
  return { name: "", value: "" };
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + change));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** The flags' part of the help text. */
export function flagsHelp(): string {
  const lines: string[] = [];
  for (const flag of FLAGS) {
    if (flag.kind.startsWith("ignored")) continue;
    const short = flag.short === undefined ? "    " : `-${flag.short}, `;
    const value = flag.value === undefined ? "" : ` ${flag.value}`;
    lines.push(`  ${`${short}--${flag.name}${value}`.padEnd(38)} ${flag.help}`);
  }
  const ignored = FLAGS.filter((flag) => flag.kind.startsWith("ignored"));
  lines.push(
    "",
    "Accepted for scripts that start Envoy, without effect here (named once in the log):",
  );
  for (const flag of ignored)
    lines.push(
      `  ${`    --${flag.name}${flag.kind.endsWith("boolean") ? "" : " …"}`.padEnd(38)} ${flag.help}`,
    );
  return lines.join("\n");
}
