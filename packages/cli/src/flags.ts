/** Envoy's command-line flags, with Envoy's meaning. Source: `envoy --help`, 1.40. */
import { parseArgs } from "node:util";
import type { ServerOptions } from "@legate/proxy";

/** How a flag is used: honoured, or accepted because scripts give it although it has no meaning here. */
type Kind = "string" | "boolean" | "ignored-string" | "ignored-boolean";

interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: Kind;
  readonly isRepeatable?: boolean;
  readonly help: string;
}

const FLAGS: readonly Flag[] = [
  {
    name: "config-path",
    short: "c",
    kind: "string",
    help: "file with the bootstrap configuration (.yaml, .json)",
  },
  { name: "config-yaml", kind: "string", help: "YAML merged over the file" },
  {
    name: "mode",
    kind: "string",
    help: "serve (default) or validate: check the configuration and exit",
  },
  { name: "concurrency", kind: "string", help: "number of workers; default: the number of cores" },
  {
    name: "log-level",
    short: "l",
    kind: "string",
    help: "trace, debug, info (default), warning, error, critical, off",
  },
  {
    name: "component-log-level",
    kind: "string",
    help: "levels of single components: upstream:debug,wasm:trace",
  },
  { name: "log-format", kind: "string", help: "pattern of a log line" },
  { name: "log-path", kind: "string", help: "file for the log instead of stderr" },
  { name: "service-node", kind: "string", help: "node id" },
  { name: "service-cluster", kind: "string", help: "node cluster" },
  { name: "service-zone", kind: "string", help: "node zone" },
  { name: "admin-address-path", kind: "string", help: "file to write the admin address to" },
  { name: "drain-time-s", kind: "string", help: "how long draining takes, seconds; default 600" },
  { name: "drain-strategy", kind: "string", help: "gradual (default) or immediate" },
  {
    name: "file-flush-interval-msec",
    kind: "string",
    help: "how often access logs are written, ms; default 10000",
  },
  {
    name: "file-flush-min-size-kb",
    kind: "string",
    help: "access logs are written at this size, KiB; default 64",
  },
  {
    name: "allow-unsupported",
    kind: "boolean",
    help: "warn about fields that are not supported instead of refusing them",
  },
  { name: "parent-shutdown-time-s", kind: "ignored-string", help: "no hot restart here" },
  { name: "restart-epoch", kind: "ignored-string", help: "no hot restart here" },
  { name: "base-id", kind: "ignored-string", help: "no hot restart here" },
  { name: "use-dynamic-base-id", kind: "ignored-boolean", help: "no hot restart here" },
  { name: "base-id-path", kind: "ignored-string", help: "no hot restart here" },
  { name: "disable-hot-restart", kind: "ignored-boolean", help: "no hot restart here" },
  { name: "socket-path", kind: "ignored-string", help: "no hot restart here" },
  { name: "socket-mode", kind: "ignored-string", help: "no hot restart here" },
  { name: "skip-hot-restart-on-no-parent", kind: "ignored-boolean", help: "no hot restart here" },
  { name: "skip-hot-restart-parent-stats", kind: "ignored-boolean", help: "no hot restart here" },
  {
    name: "cpuset-threads",
    kind: "ignored-boolean",
    help: "workers follow the cores that are available",
  },
  { name: "local-address-ip-version", kind: "ignored-string", help: "v4" },
  { name: "enable-core-dump", kind: "ignored-boolean", help: "the runtime's own" },
  { name: "enable-mutex-tracing", kind: "ignored-boolean", help: "no mutexes here" },
  {
    name: "enable-fine-grain-logging",
    kind: "ignored-boolean",
    help: "components are fine enough",
  },
  {
    name: "log-format-escaped",
    kind: "ignored-boolean",
    help: "line breaks in log lines are always escaped",
  },
  { name: "log-stacktrace-single-entry", kind: "ignored-boolean", help: "always so" },
  {
    name: "skip-deprecated-logs",
    kind: "ignored-boolean",
    help: "deprecated fields are warned of once",
  },
  { name: "reject-unknown-dynamic-fields", kind: "ignored-boolean", help: "always so" },
  {
    name: "ignore-unknown-dynamic-fields",
    kind: "ignored-boolean",
    help: "unknown fields are refused",
  },
  { name: "disable-extensions", kind: "ignored-string", help: "all extensions stay" },
  { name: "stats-tag", kind: "ignored-string", isRepeatable: true, help: "fixed tags" },
  { name: "help", short: "h", kind: "boolean", help: "this text" },
  { name: "version", kind: "boolean", help: "the version" },
];

export type ParsedFlags =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "run"; readonly options: ServerOptions; readonly validateOnly: boolean };

const LOG_LEVELS = ["trace", "debug", "info", "warning", "warn", "error", "critical", "off"];

export function parseFlags(args: readonly string[]): ParsedFlags {
  const options: Record<string, { type: "string" | "boolean"; short?: string; multiple: true }> =
    {};
  for (const flag of FLAGS) {
    const type = flag.kind.endsWith("string") ? "string" : "boolean";
    options[flag.name] =
      flag.short === undefined
        ? { type, multiple: true }
        : { type, short: flag.short, multiple: true };
  }
  let values: Record<string, (string | boolean)[] | undefined>;
  try {
    values = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    return { kind: "error", message: flagErrorText(error as Error, args) };
  }
  if (values["help"]) return { kind: "help" };
  if (values["version"]) return { kind: "version" };
  for (const flag of FLAGS) {
    if ((values[flag.name]?.length ?? 0) > 1 && !flag.isRepeatable)
      return { kind: "error", message: `--${flag.name} is given twice` };
  }
  return readValues((name) => values[name]?.[0], values);
}

function readValues(
  value: (name: string) => string | boolean | undefined,
  values: Record<string, (string | boolean)[] | undefined>,
): ParsedFlags {
  const text = (name: string): string | null => {
    const found = value(name);
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
    concurrency: value("concurrency") === undefined ? null : Math.max(1, integer("concurrency", 1)),
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
    allowUnsupported: value("allow-unsupported") === true,
    ignoredFlags: FLAGS.filter(
      (flag) => flag.kind.startsWith("ignored") && values[flag.name] !== undefined,
    ).map((flag) => `--${flag.name}`),
  };
  if (options.configPath === null && options.configYaml === null)
    problems.push("a configuration is needed: --config-path FILE (-c) or --config-yaml TEXT");
  if (problems.length > 0) return { kind: "error", message: problems.join("\n") };
  return { kind: "run", options, validateOnly: mode === "validate" };
}

/** The parser's message, with the nearest flag for a misspelt one. */
function flagErrorText(error: Error, args: readonly string[]): string {
  const unknown = /Unknown option '(--?[^']*)'/.exec(error.message)?.[1];
  if (unknown === undefined) return error.message.split("\n")[0]!;
  const wanted = unknown.replace(/^--?/, "").split("=")[0]!;
  const near = FLAGS.map((flag) => ({
    name: flag.name,
    distance: editDistance(wanted, flag.name),
  })).sort((a, b) => a.distance - b.distance)[0]!;
  const hint = near.distance <= 3 ? ` (did you mean --${near.name}?)` : "";
  const position = args.findIndex((arg) => arg.startsWith(unknown));
  return `unknown flag ${args[position] ?? unknown}${hint}`;
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
    const names =
      flag.short === undefined ? `    --${flag.name}` : `-${flag.short}, --${flag.name}`;
    lines.push(`  ${names.padEnd(32)}${flag.help}`);
  }
  const ignored = FLAGS.filter((flag) => flag.kind.startsWith("ignored")).map(
    (flag) => `--${flag.name}`,
  );
  lines.push("", "Accepted for scripts that start Envoy, without effect here:");
  for (let i = 0; i < ignored.length; i += 4) lines.push(`  ${ignored.slice(i, i + 4).join(" ")}`);
  return lines.join("\n");
}
