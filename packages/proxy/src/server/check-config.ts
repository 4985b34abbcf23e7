/** Configuration files → what the server is built from, or everything that is wrong with them. */
import type { Bootstrap } from "@legate/envoy-api/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { Logger } from "@legate/filter-sdk";
import type { NodeInfo } from "../extension.ts";
import { extensionTypes, honoured } from "../extensions.ts";
import { BuildContext } from "./build-context.ts";
import { type LoadedConfig, loadConfig } from "./config/load-config.ts";
import { ConfigError, type Problem } from "./config/problems.ts";
import type { ServerOptions } from "./options.ts";
import { type ParsedServer, parseServer } from "./parse-server.ts";

export interface CheckedConfig {
  readonly bootstrap: Bootstrap;
  readonly parsed: ParsedServer;
  readonly shared: Map<string, SharedArrayBuffer>;
  /** What files and environment variables held; workers must see the same. */
  readonly data: Map<string, Uint8Array>;
  readonly node: NodeInfo;
}

export interface Verdict {
  /** Errors and warnings; in the order of the files' lines as far as the texts themselves are bad. */
  readonly problems: readonly Problem[];
  /** Null when an error is among the problems. */
  readonly config: CheckedConfig | null;
}

export type CheckOptions = Pick<
  ServerOptions,
  | "configPath"
  | "configYaml"
  | "allowUnsupported"
  | "allowUnknown"
  | "serviceNode"
  | "serviceCluster"
  | "serviceZone"
>;

/** Does all that serving does but for listening: files are read, modules loaded, expressions compiled. */
export async function checkConfig(
  options: CheckOptions,
  logger: (component: string) => Logger,
): Promise<Verdict> {
  const loaded = loadConfig(
    { path: options.configPath, yaml: options.configYaml },
    {
      honoured,
      extensionTypes,
      allowUnsupported: options.allowUnsupported,
      allowUnknown: options.allowUnknown,
    },
  );
  const problems = [...loaded.problems, ...replacedListeners(loaded)];
  if (problems.some(isError)) return { problems, config: null };
  const { bootstrap } = loaded;
  const shared = new Map<string, SharedArrayBuffer>();
  const data = new Map<string, Uint8Array>();
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
    logger,
  });
  try {
    const parsed = await parseServer(bootstrap, context);
    return { problems, config: { bootstrap, parsed, shared, data, node } };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: [...problems, ...error.problems], config: null };
  }
}

function isError(problem: Problem): boolean {
  return problem.severity === "error";
}

/** Listeners that a later one of the same name replaces, as in Envoy. */
function replacedListeners({ bootstrap, source }: LoadedConfig): Problem[] {
  const listeners = bootstrap.staticResources?.listeners ?? [];
  return listeners.flatMap((listener, i): Problem[] => {
    const isReplaced =
      listener.name !== "" && listeners.slice(i + 1).some(({ name }) => name === listener.name);
    const place = isReplaced ? source.locate(listener, "name") : null;
    if (place === null) return [];
    const message = `a later listener is named '${listener.name}' too and takes the place of this one`;
    return [{ severity: "warning", place, message }];
  });
}
