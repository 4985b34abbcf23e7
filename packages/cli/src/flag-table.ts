/** Envoy's command-line flags and our own. Source: `envoy --help`, 1.40. */

/** How a flag is used: honoured, or accepted because scripts give it although it has no meaning here. */
type Kind = "string" | "boolean" | "ignored-string" | "ignored-integer" | "ignored-boolean";

export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: Kind;
  /** What stands for the value in the help text. */
  readonly value?: string;
  readonly isRepeatable?: boolean;
  readonly help: string;
}

export const FLAGS: readonly Flag[] = [
  {
    name: "config-path",
    short: "c",
    kind: "string",
    value: "FILE",
    help: "file with the bootstrap configuration (.yaml, .json)",
  },
  { name: "config-yaml", kind: "string", value: "TEXT", help: "YAML merged over the file" },
  {
    name: "mode",
    kind: "string",
    value: "MODE",
    help: "serve (default); validate or init_only: check and exit",
  },
  {
    name: "concurrency",
    kind: "string",
    value: "N",
    help: "number of workers; default: the number of cores",
  },
  {
    name: "log-level",
    short: "l",
    kind: "string",
    value: "LEVEL",
    help: "trace, debug, info (default), warning, error, critical, off",
  },
  {
    name: "component-log-level",
    kind: "string",
    value: "LIST",
    help: "levels of single components: upstream:debug,wasm:trace",
  },
  { name: "log-format", kind: "string", value: "PATTERN", help: "pattern of a log line" },
  { name: "log-path", kind: "string", value: "FILE", help: "file for the log instead of stderr" },
  { name: "service-node", kind: "string", value: "ID", help: "node id" },
  { name: "service-cluster", kind: "string", value: "NAME", help: "node cluster" },
  { name: "service-zone", kind: "string", value: "NAME", help: "node zone" },
  {
    name: "admin-address-path",
    kind: "string",
    value: "FILE",
    help: "file to write the admin address to",
  },
  {
    name: "drain-time-s",
    kind: "string",
    value: "N",
    help: "how long draining takes, seconds; default 600",
  },
  { name: "drain-strategy", kind: "string", value: "NAME", help: "gradual (default) or immediate" },
  {
    name: "file-flush-interval-msec",
    kind: "string",
    value: "N",
    help: "how often access logs are written, ms; default 10000",
  },
  {
    name: "file-flush-min-size-kb",
    kind: "string",
    value: "N",
    help: "access logs are written at this size, KiB; default 64",
  },
  {
    name: "allow-unsupported",
    kind: "boolean",
    help: "warn about fields that are not supported instead of refusing them",
  },
  {
    name: "allow-unknown-fields",
    kind: "boolean",
    help: "warn about fields that Envoy doesn't know instead of refusing them",
  },
  {
    name: "allow-unknown-static-fields",
    kind: "boolean",
    help: "the same: an older name",
  },
  {
    name: "log-format-escaped",
    kind: "boolean",
    help: "escape line breaks and control characters in log lines",
  },
  {
    name: "stats-tag",
    kind: "string",
    value: "TAG",
    isRepeatable: true,
    help: "NAME:VALUE, a tag that every stat has; may be repeated",
  },
  { name: "parent-shutdown-time-s", kind: "ignored-integer", help: "no hot restart here" },
  { name: "restart-epoch", kind: "ignored-integer", help: "no hot restart here" },
  { name: "base-id", kind: "ignored-integer", help: "no hot restart here" },
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
  { name: "local-address-ip-version", kind: "ignored-string", help: "as the platform has it" },
  { name: "enable-core-dump", kind: "ignored-boolean", help: "the runtime's own" },
  { name: "enable-mutex-tracing", kind: "ignored-boolean", help: "no mutexes here" },
  {
    name: "enable-fine-grain-logging",
    kind: "ignored-boolean",
    help: "components are fine enough",
  },
  { name: "log-stacktrace-single-entry", kind: "ignored-boolean", help: "always so" },
  {
    name: "skip-deprecated-logs",
    kind: "ignored-boolean",
    help: "deprecated fields are never logged",
  },
  { name: "reject-unknown-dynamic-fields", kind: "ignored-boolean", help: "always so" },
  {
    name: "ignore-unknown-dynamic-fields",
    kind: "ignored-boolean",
    help: "unknown fields are refused",
  },
  { name: "disable-extensions", kind: "ignored-string", help: "all extensions stay" },
  { name: "help", short: "h", kind: "boolean", help: "this text" },
  { name: "version", kind: "boolean", help: "the version" },
  { name: "hot-restart-version", kind: "boolean", help: "prints 'disabled': no hot restart here" },
];
