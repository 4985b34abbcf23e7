/** The composition root: loads the configuration, starts workers and the admin server, and stops them. */
import { availableParallelism, networkInterfaces } from "node:os";
import { toBinary } from "@bufbuild/protobuf";
import { messageType } from "@legate/envoy-api";
import type { Bootstrap } from "@legate/envoy-api/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { Component } from "./observability/logging/components.ts";
import { Logging } from "./observability/logging/logging.ts";
import { type CheckedConfig, checkConfig } from "./server/check-config.ts";
import { formatProblem } from "./server/config/problems.ts";
import { redactedJson } from "./server/config/redact.ts";
import type { ServerOptions } from "./server/options.ts";
import { Server } from "./server/server.ts";

export const VERSION = "0.1.0";

export function version(): string {
  return `${VERSION}/node-${process.versions.node}`;
}

/** Throws an Error for a bad log format or path. */
function startLogging(options: ServerOptions): Logging {
  return new Logging({
    level: options.logLevel,
    componentLevels: options.componentLogLevel,
    format: options.logFormat,
    path: options.logPath,
    isEscaped: options.logFormatEscaped,
  });
}

/** Null: it says on stderr what is wrong. */
function tryLogging(options: ServerOptions): Logging | null {
  try {
    return startLogging(options);
  } catch (error) {
    console.error(`legate: ${(error as Error).message}`);
    return null;
  }
}

/** Prints errors, hands warnings to `warn`; null when there were errors. */
async function check(
  options: ServerOptions,
  logging: Logging,
  warn: (line: string) => void,
): Promise<CheckedConfig | null> {
  const { problems, config } = await checkConfig(options, (component) =>
    logging.logger(component as Component),
  );
  for (const problem of problems) {
    if (problem.severity === "warning") warn(formatProblem(problem));
    else console.error(formatProblem(problem));
  }
  return config;
}

/** Checks the configuration as --mode validate does; resolves to the exit code. */
export async function validateConfig(options: ServerOptions): Promise<number> {
  const logging = tryLogging(options);
  if (logging === null) return 1;
  const config = await check(options, logging, (line) => console.error(`warning: ${line}`));
  if (config === null) return 1;
  console.log(`configuration '${options.configPath ?? ""}' OK`);
  return 0;
}

/** Runs the proxy until it is told to stop; resolves to the exit code. */
export async function runServer(options: ServerOptions): Promise<number> {
  const logging = tryLogging(options);
  if (logging === null) return 1;
  const log = logging.logger("main");
  const checked = await check(options, logging, (line) => log.warn(line));
  if (checked === null) return 1;
  if (options.ignoredFlags.length > 0)
    log.info(`flags without effect here: ${options.ignoredFlags.join(" ")}`);
  const { bootstrap, parsed, shared, data, node } = checked;
  const type = messageType("envoy.config.bootstrap.v3.Bootstrap");
  const server = new Server({
    options,
    logging,
    version: version(),
    parsed,
    shared,
    data,
    bootstrapBytes: toBinary(type, bootstrap),
    bootstrapJson: redactedJson(bootstrap),
    adminAddress: adminAddress(bootstrap),
    concurrency: options.concurrency ?? availableParallelism(),
    ownAddress: ownAddress(),
    node,
  });
  return server.run();
}

function adminAddress(bootstrap: Bootstrap): { ip: string; port: number } | null {
  const address = bootstrap.admin?.address?.address;
  if (address?.case !== "socketAddress" || address.value.portSpecifier.case !== "portValue")
    return null;
  return { ip: address.value.address, port: address.value.portSpecifier.value };
}

/** What stands in x-forwarded-for for loopback peers: this machine's first address. */
function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces()))
    for (const address of addresses ?? [])
      if (!address.internal && address.family === "IPv4") return address.address;
  return "127.0.0.1";
}
