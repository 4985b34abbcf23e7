/** The composition root: loads the configuration, starts workers and the admin server, and stops them. */
import { availableParallelism, networkInterfaces } from "node:os";
import { toBinary, toJson } from "@bufbuild/protobuf";
import { messageType, registry } from "@legate/envoy-api";
import type { Bootstrap } from "@legate/envoy-api/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { NodeInfo } from "./extension.ts";
import { extensionTypes, honoured } from "./extensions.ts";
import type { Component } from "./observability/logging/components.ts";
import { Logging } from "./observability/logging/logging.ts";
import { BuildContext } from "./server/build-context.ts";
import { loadConfig, requireGood } from "./server/config/load-config.ts";
import { ConfigError, formatProblem } from "./server/config/problems.ts";
import type { ServerOptions } from "./server/options.ts";
import { type ParsedServer, parseServer } from "./server/parse-server.ts";
import { Server } from "./server/server.ts";

export const VERSION = "0.1.0";

export function version(): string {
  return `${VERSION}/node-${process.versions.node}`;
}

interface Checked {
  readonly bootstrap: Bootstrap;
  readonly parsed: ParsedServer;
  readonly shared: Map<string, SharedArrayBuffer>;
  readonly data: Map<string, Uint8Array>;
  readonly node: NodeInfo;
}

/** Throws a ConfigError; warnings go to `warn`. */
async function check(
  options: ServerOptions,
  logging: Logging,
  warn: (line: string) => void,
): Promise<Checked> {
  const loaded = loadConfig(
    { path: options.configPath, yaml: options.configYaml },
    { honoured, extensionTypes, allowUnsupported: options.allowUnsupported },
  );
  for (const problem of loaded.problems)
    if (problem.severity === "warning") warn(formatProblem(problem));
  requireGood(loaded.problems);
  const shared = new Map<string, SharedArrayBuffer>();
  const data = new Map<string, Uint8Array>();
  const { bootstrap } = loaded;
  const node = {
    id: options.serviceNode ?? bootstrap.node?.id ?? "",
    cluster: options.serviceCluster ?? bootstrap.node?.cluster ?? "",
    zone: options.serviceZone ?? bootstrap.node?.locality?.zone ?? "",
  };
  const context = new BuildContext({
    source: loaded.source,
    file: options.configPath ?? "<config-yaml>",
    data,
    share: (name, bytes) => {
      const memory = shared.get(name) ?? new SharedArrayBuffer(bytes);
      shared.set(name, memory);
      return memory;
    },
    isMainThread: true,
    node,
    logger: (component) => logging.logger(component as Component),
  });
  return { bootstrap, parsed: await parseServer(bootstrap, context), shared, data, node };
}

/** Throws an Error for a bad log format or path. */
function startLogging(options: ServerOptions): Logging {
  return new Logging({
    level: options.logLevel,
    componentLevels: options.componentLogLevel,
    format: options.logFormat,
    path: options.logPath,
  });
}

function reportProblems(error: unknown): number {
  if (!(error instanceof ConfigError)) throw error;
  for (const problem of error.problems) console.error(formatProblem(problem));
  return 1;
}

/** Checks the configuration as --mode validate does; resolves to the exit code. */
export async function validateConfig(options: ServerOptions): Promise<number> {
  try {
    await check(options, startLogging(options), (line) => console.error(`warning: ${line}`));
    console.log(`configuration '${options.configPath ?? ""}' OK`);
    return 0;
  } catch (error) {
    return reportProblems(error);
  }
}

/** Runs the proxy until it is told to stop; resolves to the exit code. */
export async function runServer(options: ServerOptions): Promise<number> {
  let logging: Logging;
  let checked: Checked;
  try {
    logging = startLogging(options);
  } catch (error) {
    console.error(`legate: ${(error as Error).message}`);
    return 1;
  }
  const log = logging.logger("main");
  try {
    checked = await check(options, logging, (line) => log.warn(line));
  } catch (error) {
    return reportProblems(error);
  }
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
    bootstrapJson: toJson(type, bootstrap, {
      registry: registry(),
      useProtoFieldName: true,
    }) as never,
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
